"""Heavy things are made once: built beside their place, renamed when whole, shared under file locks."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from devtools.console import Problem, console
from devtools.layout import CACHE

LOCK_WAIT_SECONDS = 20 * 60


@contextmanager
def locked(path: Path, *, shared: bool = False, wait: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
	"""Holds the lock file `path`. Other holders are waited for; the kernel drops the lock of a killed one."""
	path.parent.mkdir(parents=True, exist_ok=True)
	with open(path, "a+") as handle:
		_acquire(handle, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait)
		yield


def _acquire(handle, path: Path, kind: int, wait: float) -> None:
	deadline, told = time.monotonic() + wait, False
	while True:
		try:
			return fcntl.flock(handle, kind | fcntl.LOCK_NB)
		except BlockingIOError:
			if time.monotonic() > deadline:
				raise Problem(
					f"Another run has been holding {path} for too long.",
					"see what it does, or end it: ./dev stop",
				)
			if not told and wait > 1:
				console.say(f" . waiting for another run to finish {path.stem}")
				told = True
			time.sleep(0.2)


def cached(name: str, build: Callable[[Path], None], label: str) -> Path:
	"""The folder `name` of the cache; `build(folder)` makes it when it is not there whole.

	A build that was killed leaves only a folder with another name, which the next build removes.
	"""
	place = CACHE / name
	if _touched(place):
		return place
	with locked(CACHE / "locks" / (name.replace("/", "-") + ".lock")):
		if place.exists():
			return place
		draft = place.with_name(place.name + ".draft")
		shutil.rmtree(draft, ignore_errors=True)
		draft.mkdir(parents=True)
		with console.step(label):
			build(draft)
		os.rename(draft, place)
	return place


def prune(folder: str, keep: int, keep_seconds: float = 3 * 3600) -> None:
	"""Keeps the `keep` last used entries of a cache folder, and every one used in the last `keep_seconds`."""
	root = CACHE / folder
	if not root.is_dir():
		return
	used = _last_used(root)
	for entry in sorted(used, key=used.get, reverse=True)[keep:]:
		if time.time() - used[entry] > keep_seconds:
			_drop(entry)


def _last_used(root: Path) -> dict[Path, float]:
	"""Entry -> when it was used last, in seconds. Other runs remove entries while this one looks."""
	used = {}
	for entry in root.iterdir():
		if not entry.name.startswith("."):
			with suppress(FileNotFoundError):
				used[entry] = entry.stat().st_mtime
	return used


def _drop(entry: Path) -> None:
	doomed = entry.with_name(f".{entry.name}.{os.getpid()}.doomed")
	with suppress(FileNotFoundError):  # another run was faster
		os.rename(entry, doomed)
	shutil.rmtree(doomed, ignore_errors=True)


def _touched(path: Path) -> bool:
	"""Whether it is there; if so, it counts as used now, and no other run removes it."""
	try:
		os.utime(path)
	except FileNotFoundError:
		return False
	except PermissionError:
		pass  # somebody else's cache, readable to us
	return True
