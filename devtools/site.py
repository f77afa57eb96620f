"""The site of an instance: made once per runtime, kept as a snapshot, put back in a second."""

import json
import secrets
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from devtools.cache import cached, prune
from devtools.console import Problem
from devtools.instance import SITE, Instance, opened
from devtools.layout import APP, DEVTOOLS, digest, files_below
from devtools.packages import find_program
from devtools.runtime import Runtime, need_space

DATABASE = "rule24"
ADMIN_PASSWORD = "admin"
FRAPPE_RECIPE = [DEVTOOLS / "servers.py"]
ERPNEXT_RECIPE = [DEVTOOLS / "inside" / name for name in ("wizard.py", "connection.py")]
# What an installation leaves in the database comes from these; controllers and pages are read when they run.
INSTALL_FOLDERS = ("setup", "patches", "fixtures")


def base_snapshot(runtime: Runtime) -> Path:
	"""A snapshot with Frappe, ERPNext and the demo company, without our app. Minutes on a real ERPNext, once."""

	def make(instance: Instance) -> None:
		instance.frappe("install-app", "erpnext", log="erpnext", what="Installing ERPNext")
		instance.inside("wizard", log="wizard", what="Setting up the company")

	below = _frappe_snapshot(runtime)
	patience = "" if runtime.is_preview else " (some minutes, once)"
	key = digest(below.name, runtime.key, ERPNEXT_RECIPE)
	return _layer("site", key, runtime, below, make, "ERPNext and the demo company" + patience, keep=3)


def app_snapshot(runtime: Runtime) -> Path:
	"""The base with our app installed. Made again when a file changes that an installation reads."""
	below = base_snapshot(runtime)
	return _layer(
		"app", digest(below.name, app_key()), runtime, below, install_app, "Rule24 CRM installed", keep=4
	)


def _frappe_snapshot(runtime: Runtime) -> Path:
	"""A site with nothing but Frappe."""

	def make(instance: Instance) -> None:
		instance.frappe(
			*("new-site", SITE, "--db-name", DATABASE, "--db-password", secrets.token_hex(12)),
			*("--db-root-username", "root", "--db-root-password", instance.mariadb.root_password),
			*("--admin-password", ADMIN_PASSWORD, "--no-mariadb-socket"),
			log="new-site",
			what="Making a site",
		)

	key = digest(runtime.frappe_key, _mariadb_version(), FRAPPE_RECIPE)
	return _layer("frappe-site", key, runtime, None, make, "Empty site", keep=2)


def _layer(
	folder: str,
	key: str,
	runtime: Runtime,
	below: Path | None,
	make: Callable[[Instance], None],
	label: str,
	keep: int,
) -> Path:
	"""A cached snapshot: what `make` turns the snapshot `below` (or an empty database) into."""

	def build(place: Path) -> None:
		need_space(place, 1500)
		with opened(runtime, f"making-{folder}", many=True) as instance:
			shutil.rmtree(instance.root, ignore_errors=True)
			if below:
				restore(instance, below)
			instance.lay_out()
			if not below:
				instance.mariadb.initialise()
			instance.start_servers()
			make(instance)
			save(instance, place)
			shutil.rmtree(instance.root, ignore_errors=True)

	place = cached(f"{folder}/{runtime.name}-{key}", build, label)
	prune(folder, keep=keep)
	return place


def app_key() -> str:
	"""Stands for everything of the app that ends up in a database at installation or migration."""
	files = []
	for path in files_below(APP, skip=("tests", "public", "translations", "locale", "www")):
		inside = path.relative_to(APP).parts
		if path.suffix != ".py" or len(inside) == 1 or inside[0] in INSTALL_FOLDERS:
			files.append(path)
	return digest(files)


def install_app(instance: Instance) -> None:
	instance.frappe("install-app", "rule24_crm", log="install-app", what="Installing Rule24 CRM")


def save(instance: Instance, place: Path) -> None:
	"""Stops the instance and keeps its database and site folder in `place`."""
	instance.stop()
	_copy(instance.mariadb.data, place / "mariadb")
	_copy(instance.site_folder, place / "site")


def restore(instance: Instance, snapshot: Path) -> None:
	"""Replaces the instance's database and site folder with those of the snapshot."""
	for source, target in (
		(snapshot / "mariadb", instance.mariadb.data),
		(snapshot / "site", instance.site_folder),
	):
		shutil.rmtree(target, ignore_errors=True)
		target.parent.mkdir(parents=True, exist_ok=True)
		_copy(source, target)


def read_state(instance: Instance) -> dict:
	try:
		return json.loads(instance.marker.read_text())
	except (OSError, ValueError):
		return {}


def write_state(instance: Instance, **state: str) -> None:
	instance.marker.write_text(json.dumps(state))


def _copy(source: Path, target: Path) -> None:
	done = subprocess.run(
		["cp", "-a", "--reflink=auto", "--sparse=auto", source, target], capture_output=True, text=True
	)
	if done.returncode:
		shutil.rmtree(target, ignore_errors=True)
		raise Problem(
			"The site's data could not be copied.", "free some disk space and run again.", done.stderr[-600:]
		)


def _mariadb_version() -> str:
	return subprocess.run(
		[find_program("mariadbd"), "--version"], capture_output=True, text=True
	).stdout.strip()
