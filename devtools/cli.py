"""`./dev`: the commands of the project.

  ./dev up                 set everything up, make the demo, serve the Desk until Ctrl-C
  ./dev test [pytest ...]  set everything up, run the whole suite (or what the arguments choose)
  ./dev bench [...]        run the measures of benchmarks/ and print ratios
  ./dev contract [...]     hold the ERPNext stand-in against the bench of FRAPPE_BENCH
  ./dev shell [python ...] Frappe's console on a copy of the test site, or Python with these arguments
  ./dev stop               end every process that a run in this folder has started
  ./dev clean              remove .runtime, demo data included (a shared RULE24_CACHE stays)
  ./dev help               this text

With FRAPPE_BENCH=<path> the same happens on that bench's Frappe and ERPNext, on a site of its own; without it
on the preview runtime. docs/runtime.md says what that is, and lists the variables that change ports and folders.
"""

import os
import shutil
import signal
import subprocess
import sys

from devtools import packages
from devtools.console import Problem, console
from devtools.layout import REPO, RUNTIME
from devtools.processes import Ledger, adopt_orphans, end_descendants, together

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
	"""Runs one command and leaves no process behind, however it ends."""
	command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
	if command not in COMMANDS:
		print(__doc__.strip())
		return 0 if command in ("help", "-h", "--help") else 2
	adopt_orphans()
	# SIGINT, too: a shell makes what it starts in the background ignore it.
	for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
		signal.signal(sign, _interrupt)
	try:
		return COMMANDS[command](rest)
	except Problem as problem:
		console.say(f"\n{problem}")
		return 1
	except OSError as error:
		console.say(f"\n{_about(error)}")
		return 1
	except KeyboardInterrupt:
		console.say("\nEnded.")
		return INTERRUPTED
	finally:
		signal.signal(signal.SIGINT, signal.SIG_IGN)
		end_descendants()


def _with_runtime(name: str, module: str):
	def command(arguments: list[str]) -> int:
		from importlib import import_module

		from devtools.runtime import choose

		packages.ensure_venv()
		_, runtime = together(packages.ensure, choose)
		function = getattr(import_module(module), name)
		return function(runtime, arguments) if name != "up" else function(runtime)

	return command


def _contract(arguments: list[str]) -> int:
	bench = os.environ.get("FRAPPE_BENCH")
	if not bench:
		raise Problem("The contract needs a real bench.", "FRAPPE_BENCH=<path> ./dev contract")
	return subprocess.call(
		[sys.executable, "-m", "devtools.contract", "--bench", bench, *arguments], cwd=REPO
	)


def _stop(_arguments: list[str]) -> int:
	ended = []
	for path in RUNTIME.glob("*/run/processes.json"):
		ended += Ledger(path).end_leftovers()
	console.say(f"Ended {len(ended)} processes." if ended else "Nothing was running.")
	return 0


def _clean(arguments: list[str]) -> int:
	_stop(arguments)
	shutil.rmtree(RUNTIME, ignore_errors=True)
	console.say(f"Removed {RUNTIME}")
	return 0


def _interrupt(_sign, _frame) -> None:
	raise KeyboardInterrupt


def _about(error: OSError) -> Problem:
	import errno

	if error.errno in (errno.ENOSPC, errno.EDQUOT):
		return Problem(
			"The disk is full.", "free some space (./dev clean removes the runtime) and run again."
		)
	if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
		return Problem(
			f"{error.filename} may not be written.",
			"run as its owner, or set RULE24_RUNTIME to another folder.",
		)
	return Problem(f"The system refused: {error}.", "running the command again is safe.")


COMMANDS = {
	"up": _with_runtime("up", "devtools.up"),
	"test": _with_runtime("test", "devtools.suite"),
	"bench": _with_runtime("bench", "devtools.suite"),
	"shell": _with_runtime("shell", "devtools.suite"),
	"contract": _contract,
	"stop": _stop,
	"clean": _clean,
}


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
