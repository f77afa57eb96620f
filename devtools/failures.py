"""From the output of a failed tool to a reason and an advice."""

import re

REASONS = (
	(
		r"No space left on device|ENOSPC|Errno 28|Disk quota exceeded",
		"The disk is full",
		"free some space (./dev clean removes the runtime) and run the command again.",
	),
	(
		r"Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock",
		"Another package manager is running",
		"wait until it has finished and run the command again.",
	),
	(
		r"EACCES|Permission denied",
		"A file may not be written",
		"run as the user that owns the folder, or remove it as that user.",
	),
)
REGISTRY_REASONS = (
	(
		r"hash(es)? (mismatch|do not match)|THESE PACKAGES DO NOT MATCH THE HASHES|EINTEGRITY|Hash mismatch",
		"A downloaded package is not the one that was pinned",
		"do not use it; check the registry or mirror this machine is set to.",
	),
	(
		r"Temporary failure (in name resolution|resolving)|Could not resolve|dns error|ENOTFOUND|EAI_AGAIN"
		r"|Network is unreachable|ENETUNREACH|ECONNREFUSED|Connection refused|Failed to establish a new connection"
		r"|Could not connect to|ETIMEDOUT|Connection timed out|error sending request|Failed to fetch",
		"The package registry cannot be reached",
		"check the network (and proxy settings), then run the command again: finished steps are kept.",
	),
)


def explain(output: str, what: str, *, online: bool = False) -> tuple[str, str]:
	"""(message, hint) for a tool that failed at `what` and left `output`; `online` when it needs a registry."""
	for pattern, reason, hint in (*REASONS, *(REGISTRY_REASONS if online else ())):
		if re.search(pattern, output, re.IGNORECASE):
			return f"{reason}: {what} did not work.", hint
	return f"{what} did not work.", "read the lines above; running the command again is safe."
