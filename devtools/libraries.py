"""The app's own dependencies and the suite's tools, in a folder of their own beside any environment."""

import re
import subprocess
from pathlib import Path

import tomllib

from devtools import tools
from devtools.cache import cached
from devtools.console import Problem
from devtools.layout import DEVTOOLS, REPO, digest
from devtools.processes import run


def beside(python: Path, purpose: str) -> Path:
	"""A folder for PYTHONPATH with what `pyproject.toml` and `requirements/tools.in` ask for.

	The environment of `python` is not written to; what it has already is pinned, so nothing in it is shadowed
	by another version; only the suite's tools are ours to choose.
	"""
	wanted = sorted(app_dependencies() + tool_requirements())
	named = {_name(line) for line in tool_requirements()}
	frozen = [line for line in _frozen(python) if _name(line) not in named]

	def build(place: Path) -> None:
		constraints = place.with_suffix(".constraints.txt")
		constraints.write_text("\n".join(frozen))
		requirements = place.with_suffix(".requirements.txt")
		requirements.write_text("\n".join(wanted))
		try:
			run(
				[
					tools.uv(),
					"pip",
					"install",
					"-q",
					"--python",
					python,
					"--target",
					place,
					"--constraint",
					constraints,
					"--requirement",
					requirements,
				],
				log="libraries",
				env=tools.installer_env(),
				what="Installing the libraries of the app and the suite",
				online=True,
			)
		finally:
			constraints.unlink()
			requirements.unlink()

	key = digest(str(python.resolve()), *frozen, *wanted)
	return cached(f"libraries/{purpose}-{key}", build, "Libraries of the app and the suite")


def app_dependencies() -> list[str]:
	"""What the app itself asks for."""
	return tomllib.loads((REPO / "pyproject.toml").read_text())["project"].get("dependencies", [])


def tool_requirements() -> list[str]:
	lines = (DEVTOOLS / "requirements" / "tools.in").read_text().splitlines()
	return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _name(requirement: str) -> str:
	"""The normalised name of the package in a requirement."""
	return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _frozen(python: Path) -> list[str]:
	"""What the environment has, as `name==version`."""
	done = subprocess.run(
		[tools.uv(), "pip", "freeze", "-q", "--python", python],
		capture_output=True,
		text=True,
	)
	if done.returncode:
		raise Problem(
			f"The packages of {python} cannot be listed.", "see whether it runs at all", done.stderr
		)
	return [line for line in done.stdout.splitlines() if "==" in line and not line.startswith("-e")]
