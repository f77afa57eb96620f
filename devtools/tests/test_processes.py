"""Processes end with us, however we end, and a later run ends only what was ours."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from devtools import processes
from devtools.console import Problem
from devtools.layout import REPO

SLEEPER = [sys.executable, "-c", "import time; time.sleep(300)"]
# One that takes no notice of being asked to end.
STUBBORN = [
	sys.executable,
	"-c",
	"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)",
]


def gone(pid: int, seconds: float = 10) -> bool:
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		state = processes._stat(pid)
		if state is None or state[0] == "Z":
			return True
		time.sleep(0.05)
	return False


def test_end_asks_then_kills(monkeypatch, tmp_path):
	monkeypatch.setattr(processes, "STOP_SECONDS", 0.5)
	log = tmp_path / "log"
	with open(log, "wb") as output:
		stubborn = processes.spawn(STUBBORN, output=output)
	while "up" not in log.read_text():
		time.sleep(0.02)
	polite = processes.spawn(SLEEPER)
	processes.end([stubborn, polite])
	assert polite.returncode == -signal.SIGTERM
	assert stubborn.returncode == -signal.SIGKILL


def test_run_shows_the_end_of_the_log(monkeypatch, tmp_path):
	monkeypatch.setattr(processes, "LOGS", tmp_path)
	with pytest.raises(Problem) as raised:
		processes.run(
			[sys.executable, "-c", "print('the reason'); raise SystemExit(3)"], log="x", what="Trying"
		)
	assert "Trying did not work" in str(raised.value)
	assert "the reason" in raised.value.detail
	assert str(tmp_path / "x.log") in raised.value.hint


def test_missing_program_is_a_problem():
	with pytest.raises((Problem, FileNotFoundError)):
		processes.run(["/nowhere/program"], log="missing-program", what="Trying")


@pytest.mark.parametrize("seconds", [0, 1])
def test_killed_parent_takes_its_processes_along(tmp_path, seconds):
	"""Even one that is killed before its process could ask to be told of it."""
	slow = tmp_path / "setpriv"
	slow.write_text(f'#!/bin/sh\nsleep {seconds}\nexec {shutil.which("setpriv")} "$@"\n')
	slow.chmod(0o755)
	program = textwrap.dedent(
		f"""
		import time
		from devtools.processes import spawn
		print(spawn({SLEEPER!r}).pid, flush=True)
		time.sleep(300)
		"""
	)
	parent = subprocess.Popen(
		[sys.executable, "-c", program],
		stdout=subprocess.PIPE,
		cwd=REPO,
		env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
	)
	child = int(parent.stdout.readline())
	parent.kill()
	parent.wait()
	parent.stdout.close()
	assert gone(child)


def test_ledger_ends_left_processes_and_no_others(tmp_path):
	left, other = subprocess.Popen(SLEEPER, start_new_session=True), subprocess.Popen(SLEEPER)
	try:
		ledger = processes.Ledger(tmp_path / "run" / "processes.json")
		ledger.add(left.pid)
		# The id of another process that got the number of one of ours after it had ended.
		ledger._write([*ledger._read(), [other.pid, "1"]])
		again = processes.Ledger(ledger.path)
		assert len(again.end_leftovers()) == 1
		assert left.wait(5) == -signal.SIGTERM
		assert other.poll() is None
		assert again.end_leftovers() == []
	finally:
		for process in (left, other):
			process.kill()
			process.wait()


def test_broken_ledger_is_no_obstacle(tmp_path):
	path = tmp_path / "processes.json"
	path.write_text('[[1, "')
	assert processes.Ledger(path).end_leftovers() == []


def test_together_ends_the_others_when_one_fails():
	program = textwrap.dedent(
		f"""
		import time
		from devtools.console import Problem
		from devtools.processes import adopt_orphans, run, together
		adopt_orphans()
		def fail():
			time.sleep(0.5)
			raise Problem("the first reason")
		begun = time.monotonic()
		try:
			together(fail, lambda: run({SLEEPER!r}, log="together", what="Sleeping"))
		except Problem as problem:
			print(problem.message, time.monotonic() - begun < 20)
		"""
	)
	done = subprocess.run(
		[sys.executable, "-c", program], capture_output=True, text=True, cwd=REPO, timeout=60
	)
	assert done.stdout == "the first reason True\n", done.stderr


def test_descendants_finds_grandchildren(tmp_path):
	shell = subprocess.Popen(["sh", "-c", "sleep 300 & echo $!; wait"], stdout=subprocess.PIPE)
	try:
		grandchild = int(shell.stdout.readline())
		assert {shell.pid, grandchild} <= set(processes.descendants(os.getpid()))
	finally:
		os.kill(grandchild, signal.SIGKILL)
		shell.wait()
		shell.stdout.close()


def test_full_disk_is_said_even_when_the_log_is_cut_off(monkeypatch, tmp_path):
	monkeypatch.setattr(processes, "LOGS", tmp_path)
	monkeypatch.setattr(processes, "FULL_DISK_BYTES", 2**63)
	with pytest.raises(Problem, match="disk is full"):
		processes.run([sys.executable, "-c", "raise SystemExit(1)"], log="x", what="Trying")
