"""The preview runtime: Frappe 15.0-dev from the Python registry, Desk bundles from npm, the ERPNext stand-in.

See docs/runtime.md for what it is and what it is not.
"""

import json
import os
import shutil
import zipfile
from pathlib import Path

from devtools import libraries, tools
from devtools.assets_build import BUILDER, bundle
from devtools.cache import cached
from devtools.console import Problem
from devtools.layout import CACHE, DEVTOOLS, digest, files_below
from devtools.names import restore
from devtools.processes import run, together
from devtools.runtime import Runtime, need_space

WHEEL = "criscostack==1.0.0"
WHEEL_SHA256 = "dc58aaf29c59b7666edc953596e5b31f77d7286b2ed6b14c6a205b217c210349"
STANDIN = DEVTOOLS / "standin"
REQUIREMENTS = DEVTOOLS / "requirements" / "preview.txt"
NEEDED_MEGABYTES = 2500


def prepare() -> Runtime:
	"""Makes whatever of the preview is not in the cache; the long parts side by side."""
	if not (CACHE / "assets").is_dir():
		need_space(CACHE, NEEDED_MEGABYTES)
	tools.uv()
	python, (frappe, node_modules, assets) = together(_python, _desk)
	pylibs = libraries.beside(python, "preview")
	return Runtime(
		name="preview",
		key=digest(files_below(STANDIN)),
		frappe_key=digest(frappe.name, python.parent.parent.name),
		python=python,
		apps={"frappe": frappe, "erpnext": STANDIN},
		assets={"frappe": assets / "frappe"},
		manifest=json.loads((assets / "manifest.json").read_text()),
		pythonpath=[pylibs, frappe, STANDIN],
		node=tools.node(),
		node_modules=node_modules,
		socketio=lambda root: [
			"node",
			str(DEVTOOLS / "assets" / "realtime.mjs"),
			str(node_modules),
			str(root),
		],
	)


def _desk() -> tuple[Path, Path, Path]:
	frappe, node_modules = _frappe(), _node_modules()
	return frappe, node_modules, _assets(frappe, node_modules)


def _python() -> Path:
	"""The interpreter of the environment with exactly the pinned packages, each checked against its hash."""
	interpreter = tools.preview_python()

	def build(place: Path) -> None:
		run(
			[interpreter, "-m", "venv", "--without-pip", place],
			log="venv",
			what="Making a Python environment",
		)
		run(
			[
				tools.uv(),
				"pip",
				"sync",
				"-q",
				"--require-hashes",
				"--python",
				place / "bin" / "python",
				REQUIREMENTS,
			],
			log="python-packages",
			env=tools.installer_env(),
			what="Installing Python packages",
			online=True,
		)

	key = digest(interpreter, REQUIREMENTS)
	return cached(f"environment/{key}", build, "Python packages of Frappe") / "bin" / "python"


def _frappe() -> Path:
	"""The folder that holds the package `frappe`: the pinned wheel with Frappe's own names put back."""

	def build(place: Path) -> None:
		requirement = place / "wheel.txt"
		requirement.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
		run(
			[
				tools.uv().parent / "python",
				"-m",
				"pip",
				"download",
				"-q",
				"--no-deps",
				"--only-binary=:all:",
				"--require-hashes",
				"-r",
				requirement,
				"-d",
				place,
			],
			log="frappe-wheel",
			what="Downloading Frappe's wheel",
			online=True,
		)
		(wheel,) = place.glob("*.whl")
		unpacked = place / "unpacked"
		with zipfile.ZipFile(wheel) as archive:
			archive.extractall(unpacked)
		restore(unpacked / "criscostack", place / "frappe")
		if not (place / "frappe" / "__init__.py").exists():
			raise Problem("Frappe's wheel is not what was expected.", "run ./dev clean and try again")
		shutil.rmtree(unpacked)
		wheel.unlink()

	return cached(f"frappe/{digest(WHEEL_SHA256, DEVTOOLS / 'names.py')}", build, "Frappe")


def _node_modules() -> Path:
	return (
		cached(f"npm/{digest(tools.NPM_LOCK)}", tools.npm_install, "npm packages of the Desk")
		/ "node_modules"
	)


def _assets(frappe: Path, node_modules: Path) -> Path:
	"""`frappe/` as `sites/assets` wants it and `manifest.json`, the bundles by name."""

	def build(place: Path) -> None:
		target = place / "frappe"
		target.mkdir()
		for entry in (frappe / "frappe" / "public").iterdir():
			(target / entry.name).symlink_to(os.path.relpath(entry, target))
		(target / "node_modules").symlink_to(os.path.relpath(node_modules, target))
		bundle("frappe", frappe / "frappe", target / "dist", place / "manifest.json", node_modules)

	key = digest(frappe.name, node_modules.parent.name, BUILDER)
	return cached(f"assets/{key}", build, "Desk bundles")
