"""Starting and ending processes so that none is ever left behind."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

from devtools.console import Problem
from devtools.failures import explain
from devtools.layout import LOGS

PR_SET_CHILD_SUBREAPER = 36
STOP_SECONDS = 10
FULL_DISK_BYTES = 1024 * 1024
T = TypeVar("T")
# A parent that dies before the child has asked to be told of it: the child notices here and does not begin.
_BORN_ORPHAN = '[ "$PPID" = "$0" ] && exec "$@"'
_closing = threading.Event()


def adopt_orphans() -> None:
	"""Makes this process the parent of every orphan below it, so that `end_descendants` finds them all."""
	ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
	command: Sequence[str | Path],
	*,
	log: str,
	env: Mapping[str, str] | None = None,
	cwd: Path | None = None,
	what: str,
	online: bool = False,
) -> str:
	"""Runs a command to its end with its output in `.runtime/logs/<log>.log`; returns that output.

	`online` is for one that talks to a package registry. Raises Problem with the reason in words and the end of the log when the command fails.
	"""
	LOGS.mkdir(parents=True, exist_ok=True)
	path = LOGS / f"{log}.log"
	with open(path, "wb") as output:
		process = spawn(command, env=env, cwd=cwd, output=output)
		try:
			code = process.wait()
		except BaseException:
			end([process])
			raise
	text = path.read_text(errors="replace")
	if code:
		if shutil.disk_usage(path.parent).free < FULL_DISK_BYTES:
			text += "\nNo space left on device"  # the log itself could not be written to its end
		message, hint = explain(text, what, online=online)
		raise Problem(message, f"{hint} The whole log: {path}", "\n".join(text.strip().splitlines()[-12:]))
	return text


def together(*jobs: Callable[[], T]) -> list[T]:
	"""Runs jobs side by side; their results in order. When one fails, or Ctrl-C, the others' processes are ended."""
	with ThreadPoolExecutor(len(jobs)) as pool:
		futures = [pool.submit(job) for job in jobs]
		try:
			for future in as_completed(futures):
				future.result()
		except BaseException:
			_closing.set()
			end_descendants()
			raise
	return [future.result() for future in futures]


def spawn(
	command: Sequence[str | Path],
	*,
	env: Mapping[str, str] | None = None,
	cwd: Path | None = None,
	output=None,
) -> subprocess.Popen:
	"""Starts a process in a group of its own that is told to end when we die, even by SIGKILL."""
	if _closing.is_set():
		raise Problem("Ended.")
	words = [str(word) for word in command]
	if shutil.which("setpriv"):
		words = ["setpriv", "--pdeathsig", "TERM", "sh", "-c", _BORN_ORPHAN, str(os.getpid()), *words]
	try:
		return subprocess.Popen(
			words,
			env=dict(env) if env is not None else None,
			cwd=cwd,
			stdin=subprocess.DEVNULL,
			stdout=output,
			stderr=subprocess.STDOUT if output is not None else None,
			start_new_session=True,
		)
	except FileNotFoundError as error:
		raise Problem(
			f"Cannot start {command[0]}: {error.strerror}.", "run the command again, or ./dev clean"
		)


def end(processes: Sequence[subprocess.Popen]) -> None:
	"""Asks every process group to end, all at once, waits, and kills what does not."""
	for process in processes:
		_signal_group(process.pid, signal.SIGTERM)
	deadline = time.monotonic() + STOP_SECONDS
	for process in processes:
		try:
			process.wait(max(0.05, deadline - time.monotonic()))
		except subprocess.TimeoutExpired:
			_signal_group(process.pid, signal.SIGKILL)
			process.wait()
		_signal_group(process.pid, signal.SIGKILL)


def end_descendants() -> list[str]:
	"""Ends whatever is still running below this process; returns what that was."""
	found = []
	for sign in (signal.SIGTERM, signal.SIGKILL):
		alive = descendants(os.getpid())
		if not alive:
			break
		found = found or [command_line(pid) for pid in alive]
		for pid in alive:
			_signal(pid, sign)
		deadline = time.monotonic() + 3
		while descendants(os.getpid()) and time.monotonic() < deadline:
			_reap()
			time.sleep(0.05)
	return [each for each in found if each]


def descendants(root: int) -> list[int]:
	"""Process ids below `root`, zombies left out."""
	children: dict[int, list[int]] = {}
	for entry in Path("/proc").iterdir():
		if entry.name.isdigit() and (stat := _stat(int(entry.name))):
			state, parent = stat[0], int(stat[1])
			if state != "Z":
				children.setdefault(parent, []).append(int(entry.name))
	found, queue = [], [root]
	while queue:
		below = children.get(queue.pop(), [])
		found += below
		queue += below
	return found


def command_line(pid: int) -> str:
	try:
		return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
	except OSError:
		return ""


class Ledger:
	"""The ids of an instance's processes on disk, so that a later run can end what a killed one left."""

	def __init__(self, path: Path):
		self.path = path

	def add(self, pid: int) -> None:
		self._write([*self._read(), [pid, _start_time(pid)]])

	def clear(self) -> None:
		self.path.unlink(missing_ok=True)

	def end_leftovers(self) -> list[str]:
		"""Ends the processes of an earlier run, and only those: the id and the start time must both be the same."""
		ended = []
		for pid, started in self._read():
			if started and _start_time(pid) == started:
				ended.append(command_line(pid))
				_end_foreign(pid, started)
		self.clear()
		return ended

	def _read(self) -> list[list]:
		try:
			return json.loads(self.path.read_text())
		except (OSError, ValueError):
			return []

	def _write(self, rows: list[list]) -> None:
		self.path.parent.mkdir(parents=True, exist_ok=True)
		draft = self.path.with_suffix(".draft")
		draft.write_text(json.dumps(rows))
		draft.replace(self.path)


def _end_foreign(pid: int, started: str) -> None:
	for sign, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
		_signal_group(pid, sign)
		deadline = time.monotonic() + patience
		while time.monotonic() < deadline:
			if _start_time(pid) != started:
				return
			time.sleep(0.05)


def _start_time(pid: int) -> str | None:
	stat = _stat(pid)
	return stat[19] if stat and stat[0] != "Z" else None


def _stat(pid: int) -> list[str] | None:
	"""The fields of /proc/<pid>/stat after the command's name: state, parent, ..., start time at 19."""
	try:
		return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
	except OSError:
		return None


def _signal_group(pid: int, sign: int) -> None:
	try:
		os.killpg(pid, sign)
	except (ProcessLookupError, PermissionError):
		pass


def _signal(pid: int, sign: int) -> None:
	try:
		os.kill(pid, sign)
	except (ProcessLookupError, PermissionError):
		pass


def _reap() -> None:
	try:
		while os.waitpid(-1, os.WNOHANG)[0]:
			pass
	except ChildProcessError:
		pass
