"""Bundles of one app, built by `assets/build.mjs`."""

import json
import os
from pathlib import Path

from devtools import tools
from devtools.cache import cached, prune
from devtools.layout import APP, DEVTOOLS, digest, files_below
from devtools.processes import run

BUILDER = [DEVTOOLS / "assets" / name for name in ("build.mjs", "plugins.mjs", "vue.mjs")]


def bundle(
	app: str, package: Path, dist: Path, manifest: Path, node_modules: Path, roots: list[Path] | None = None
) -> None:
	"""Builds every `*.bundle.*` below `package/public` into `dist` and writes the manifest."""
	command = [tools.node(), DEVTOOLS / "assets" / "build.mjs", "--app", app, "--source", package]
	command += ["--dist", dist, "--manifest", manifest, "--node-modules", node_modules]
	for root in roots or []:
		command += ["--root", root]
	run(command, log=f"bundles-{app}", env=tools.node_env(os.environ), what=f"Building the bundles of {app}")


def app_bundles(node_modules: Path, frappe: Path) -> tuple[Path | None, dict[str, str]]:
	"""(`dist` folder, manifest) of rule24_crm, or (None, {}) when it has no bundles."""
	public = APP / "public"
	files = files_below(public, skip=("dist",)) if public.is_dir() else []
	if not any(".bundle." in path.name for path in files):
		return None, {}

	def build(place: Path) -> None:
		bundle("rule24_crm", APP, place / "dist", place / "manifest.json", node_modules, [frappe])

	key = digest(files, BUILDER, node_modules.parent.name)
	place = cached(f"app-bundles/{key}", build, "Bundles of Rule24 CRM")
	prune("app-bundles", keep=10)
	return place / "dist", json.loads((place / "manifest.json").read_text())
