"""Where things lie: the repository, the runtime folder, the cache."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
DEVTOOLS = REPO / "devtools"
APP = REPO / "rule24_crm"
RUNTIME = Path(os.environ.get("RULE24_RUNTIME") or REPO / ".runtime").resolve()
CACHE = Path(os.environ.get("RULE24_CACHE") or RUNTIME / "cache").resolve()
LOGS = RUNTIME / "logs"


def digest(*parts: str | Path | Iterable[Path]) -> str:
	"""Sixteen hex digits that stand for the given strings and the content of the given files, in that order."""
	hasher = hashlib.sha256()
	for part in parts:
		if isinstance(part, str):
			hasher.update(part.encode() + b"\0")
			continue
		for path in [part] if isinstance(part, Path) else part:
			hasher.update(_name_for_digest(path) + b"\0" + path.read_bytes() + b"\0")
	return hasher.hexdigest()[:16]


def files_below(root: Path, *, skip: Iterable[str] = ()) -> list[Path]:
	"""Every file below `root` in a stable order, without byte code and the folders or suffixes in `skip`."""
	skipped = {"__pycache__", "node_modules", ".git", *skip}
	return sorted(
		path
		for path in root.rglob("*")
		if path.is_file()
		and path.suffix not in skipped
		and not skipped.intersection(path.relative_to(root).parts)
	)


def _name_for_digest(path: Path) -> bytes:
	"""The path as seen from the repository, so that every clone of it counts the same."""
	try:
		return str(path.resolve().relative_to(REPO)).encode()
	except ValueError:
		return path.name.encode()
