"""Style and hygiene of the repository."""

import re
import shutil
import subprocess
import sys

import pytest

from devtools.layout import REPO


def tracked() -> list[str]:
	"""The files git knows; nothing where this is no clone."""
	if not shutil.which("git"):
		pytest.skip("no git on this machine")
	done = subprocess.run(
		["git", "-c", f"safe.directory={REPO}", "ls-files"], cwd=REPO, capture_output=True, text=True
	)
	if done.returncode:
		pytest.skip("not a git clone")
	return [path for path in done.stdout.splitlines() if (REPO / path).is_file()]


@pytest.mark.parametrize("words", [("check",), ("format", "--check")])
def test_ruff(words):
	done = subprocess.run(
		[sys.executable, "-m", "ruff", *words, "--no-cache", "rule24_crm", "devtools", "conftest.py"],
		cwd=REPO,
		capture_output=True,
		text=True,
	)
	assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_no_path_of_a_machine_is_tracked():
	mine = re.compile(r"/root/|/home/[a-z]+/")
	found = []
	for path in tracked():
		if path == "devtools/tests/test_repository.py":
			continue
		try:
			text = (REPO / path).read_text()
		except UnicodeDecodeError:
			continue
		found += [f"{path}: {match.group()}" for match in mine.finditer(text)]
	assert not found


def test_commands_may_be_run():
	for name in ("dev", ".ci/run"):
		assert (REPO / name).stat().st_mode & 0o111 == 0o111
