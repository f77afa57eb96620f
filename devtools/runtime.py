"""What a site runs on, whichever it is: the preview or a bench."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from devtools.console import Problem
from devtools.layout import REPO, RUNTIME


@dataclass(frozen=True)
class Runtime:
	"""A Frappe with an ERPNext that our app is tried on.

	`apps` are the folders that hold the apps' packages, in the order of installation; ours is not among them.
	`assets` are entries for `sites/assets`, `manifest` their bundles. `key` changes when anything does that a site's
	data comes from, `frappe_key` when Frappe does.
	"""

	name: str
	key: str
	frappe_key: str
	python: Path
	apps: dict[str, Path]
	assets: dict[str, Path]
	manifest: dict[str, str]
	pythonpath: list[Path]
	node: Path
	node_modules: Path
	socketio: Callable[[Path], list[str]] | None = None
	extra_env: dict[str, str] = field(default_factory=dict)

	@property
	def is_preview(self) -> bool:
		return self.name == "preview"

	def env(self) -> dict[str, str]:
		"""The environment of every process of this runtime."""
		inherited = {
			name: value
			for name, value in os.environ.items()
			if not name.startswith(("PYTHONHOME", "VIRTUAL_ENV", "FRAPPE_", "PIP_", "UV_", "CI"))
		}
		return {
			**inherited,
			"PATH": f"{self.python.parent}:{self.node.parent}:{os.environ.get('PATH', os.defpath)}:/usr/sbin",
			"PYTHONPATH": ":".join(map(str, [REPO, *self.pythonpath])),
			"PYTHONUNBUFFERED": "1",
			"GIT_PYTHON_REFRESH": "quiet",
			"LANG": "C.UTF-8",
			"NO_PROXY": "127.0.0.1,localhost",
			"no_proxy": "127.0.0.1,localhost",
			**self.extra_env,
		}


def choose() -> Runtime:
	"""The bench of FRAPPE_BENCH when that is set, else the preview; everything it needs is made."""
	need_space(RUNTIME, 600)
	bench = os.environ.get("FRAPPE_BENCH")
	if bench:
		from devtools import bench as module

		return module.prepare(Path(bench))
	from devtools import preview

	return preview.prepare()


def need_space(path: Path, megabytes: int) -> None:
	"""Raises Problem when the disk under `path` has less than that left."""
	while not path.exists():
		path = path.parent
	free = shutil.disk_usage(path).free // (1024 * 1024)
	if free < megabytes:
		raise Problem(
			f"The disk under {path} has {free} MB left; {megabytes} MB are needed.",
			"free some space (./dev clean removes the runtime), or set RULE24_RUNTIME and RULE24_CACHE to another disk.",
		)
