"""System packages: found, or installed with apt when we are root, or asked for in words."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.cache import locked
from devtools.console import Problem, console
from devtools.processes import run

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# Written by ./dev of Rule24 CRM while it installs packages: no service is to start by itself.\nexit 101\n"
APT_LOCK = Path("/var/lock/rule24-apt.lock")
APT_TRIES = 60


@dataclass(frozen=True)
class Requirement:
	"""A program (or a file) that must be there, and the Debian packages that bring it."""

	packages: tuple[str, ...]
	programs: tuple[str, ...] = ()
	files: tuple[str, ...] = ()
	optional: bool = False

	def met(self) -> bool:
		"""Whether one of the programs or files is there."""
		return any(find_program(name) for name in self.programs) or any(
			Path(name).exists() for name in self.files
		)


REQUIREMENTS = (
	# The "core" packages hold the programs without the service that Debian would start.
	Requirement(("mariadb-server-core",), programs=("mariadbd",)),
	Requirement(("mariadb-client-core",), programs=("mysql",)),
	Requirement(("redis-server",), programs=("redis-server",)),
	Requirement(("chromium",), programs=("chromium", "chromium-browser", "google-chrome")),
	# prints PDFs three times as fast as the whole browser
	Requirement(("chromium-headless-shell",), programs=("chromium-headless-shell",), optional=True),
	Requirement(("fonts-dejavu-core",), files=("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",)),
	Requirement(
		("fonts-liberation",),
		files=("/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/liberation2"),
	),
	Requirement(
		("libpango-1.0-0", "libpangoft2-1.0-0"),
		files=(
			"/usr/lib/x86_64-linux-gnu/libpangoft2-1.0.so.0",
			"/usr/lib/aarch64-linux-gnu/libpangoft2-1.0.so.0",
		),
	),
	Requirement(("wkhtmltopdf",), programs=("wkhtmltopdf",), optional=True),
)


def find_program(name: str) -> str | None:
	"""The path of a program, also of those that live where only root's PATH looks."""
	return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin")


def chromium() -> str | None:
	"""The path of a Chromium, if there is one."""
	return next(filter(None, map(find_program, ("chromium", "chromium-browser", "google-chrome"))), None)


def missing() -> list[Requirement]:
	"""What is not there yet."""
	return [requirement for requirement in REQUIREMENTS if not requirement.met()]


def ensure_venv() -> None:
	"""Sees to it that this interpreter can make environments, which Debian packs separately."""
	if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode:
		install([Requirement(("python3-venv",))])


def ensure() -> None:
	"""Sees to it that every required program is there. Raises Problem with the command for an administrator."""
	install(missing())
	still = [name for requirement in missing() if not requirement.optional for name in requirement.packages]
	if still:
		raise Problem(
			f"Still missing after the installation: {' '.join(still)}",
			f"look into it as root: apt-get install {' '.join(still)}",
		)


def install(absent: list[Requirement]) -> None:
	"""Installs the packages of what is absent. Optional ones are only tried when others are needed."""
	needed = [requirement for requirement in absent if not requirement.optional]
	if not needed:
		return
	names = [name for requirement in needed for name in requirement.packages]
	command = f"apt-get install --no-install-recommends {' '.join(names)}"
	if not find_program("apt-get"):
		raise Problem(
			"Programs are missing, and this is not a Debian that could install them.",
			f"install what Debian calls: {' '.join(names)}",
		)
	if os.geteuid() != 0:
		raise Problem("Debian packages are missing, and only root may install them.", f"as root: {command}")
	optional = [name for requirement in absent if requirement.optional for name in requirement.packages]
	with console.step(f"Debian packages: {' '.join(names)}"), locked(APT_LOCK), services_held_back():
		run(["dpkg", "--configure", "-a"], log="dpkg", what="Finishing an interrupted installation")
		_apt("update")
		_apt("install", *names)
		for name in optional:
			try:
				_apt("install", name)
			except Problem:
				console.say(f"   ({name} is not to be had; what needs it falls back)")


@contextmanager
def services_held_back() -> Iterator[None]:
	"""Keeps Debian from starting services of freshly installed packages; leaves the machine's own policy alone."""
	ours = not POLICY.exists() or POLICY.read_text() == POLICY_TEXT
	if ours:
		POLICY.write_text(POLICY_TEXT)
		POLICY.chmod(0o755)
	try:
		yield
	finally:
		if ours:
			POLICY.unlink(missing_ok=True)


def _apt(verb: str, *names: str) -> None:
	command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600"]
	command += (
		[verb, "--no-install-recommends", *names] if names else [verb, "-o", "APT::Update::Error-Mode=any"]
	)
	env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
	for attempt in range(APT_TRIES):
		try:
			run(command, log=f"apt-{verb}", env=env, what=f"apt-get {verb}", online=True)
			return
		except Problem as problem:
			busy = re.search(r"Could not get lock|Unable to lock|frontend lock", problem.detail)
			if not busy or attempt == APT_TRIES - 1:
				raise
			time.sleep(5)
