"""An existing bench with ERPNext as the runtime. It is read and run, never written to."""

import json
import os
import subprocess
from pathlib import Path

from devtools import libraries, tools
from devtools.cache import cached
from devtools.console import Problem
from devtools.layout import digest
from devtools.runtime import Runtime

APPS = ("frappe", "erpnext")


def prepare(path: Path) -> Runtime:
	"""The runtime of the bench at `path`. Raises Problem when that is no bench with ERPNext and built assets."""
	path = path.expanduser().resolve()
	python = path / "env" / "bin" / "python"
	_check(path, python)
	versions = {app: _version(path / "apps" / app, app) for app in APPS}
	pylibs = libraries.beside(python, "bench")
	built = path / "sites" / "assets"
	name = f"bench-{path.name}"
	return Runtime(
		name=name,
		key=digest(versions["erpnext"]),
		frappe_key=digest(str(path), versions["frappe"]),
		python=python,
		apps={app: path / "apps" / app for app in APPS},
		assets={entry.name: entry.resolve() for entry in built.iterdir() if entry.is_dir()},
		manifest=json.loads((built / "assets.json").read_text()),
		pythonpath=[pylibs],
		node=tools.node(),
		node_modules=cached(f"npm/{digest(tools.NPM_LOCK)}", tools.npm_install, "npm packages")
		/ "node_modules",
		socketio=_socketio if (path / "apps" / "frappe" / "socketio.js").exists() else None,
	)


def _socketio(root: Path) -> list[str]:
	# The script looks for the bench's configuration from where it lies; through our links that is our own.
	return [
		"node",
		"--preserve-symlinks",
		"--preserve-symlinks-main",
		str(root / "apps" / "frappe" / "socketio.js"),
	]


def _check(path: Path, python: Path) -> None:
	if not path.is_dir():
		raise Problem(
			f"FRAPPE_BENCH={path} is not a folder.",
			"give the path of a bench, the folder with apps/ and env/",
		)
	if not python.exists():
		raise Problem(
			f"{path} has no env/bin/python: it is not a bench.", "give the folder that `bench init` made"
		)
	for app in APPS:
		if not (path / "apps" / app / app / "__init__.py").exists():
			raise Problem(f"The bench at {path} has no {app}.", f"in the bench: bench get-app {app}")
	if not (path / "sites" / "assets" / "assets.json").exists():
		raise Problem(f"The bench at {path} has no built assets.", "in the bench: bench build")
	if not os.access(python, os.X_OK):
		raise Problem(f"{python} may not be run.", "run as a user of the bench")


def _version(folder: Path, app: str) -> str:
	"""The commit of the app, or the version that it states when it is no git clone."""
	git = ["git", "-c", f"safe.directory={folder}", "-C", str(folder), "rev-parse", "HEAD"]
	try:
		done = subprocess.run(git, capture_output=True, text=True)
		commit = done.stdout.strip() if done.returncode == 0 and (folder / ".git").exists() else ""
	except FileNotFoundError:
		commit = ""
	return commit + digest(
		folder / app / "__init__.py", folder / app / "hooks.py", folder / app / "patches.txt"
	)
