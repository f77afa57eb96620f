"""Hooks: what the stand-in's hooks.py registers, ERPNext's registers as well."""

import ast
from pathlib import Path

from devtools.contract.report import Report

# An app's own name and words, not something other apps rely on.
IDENTITY = {
	"app_title",
	"app_publisher",
	"app_description",
	"app_email",
	"app_license",
}

# The preview's Frappe does not know the maintenance queue: its jobs stand under the plain frequency.
FREQUENCIES = {"daily": "daily_maintenance", "hourly": "hourly_maintenance", "weekly": "weekly_maintenance"}


def compare(standin: Path, erpnext: Path, report: Report) -> None:
	ours, theirs = read(standin / "hooks.py"), read(erpnext / "hooks.py")
	for name, value in ours.items():
		if name in IDENTITY:
			continue
		report.count("hooks")
		_contained(f"hooks.{name}", value, theirs.get(name), report)
	own = (standin / "modules.txt").read_text().split("\n")
	real = (erpnext / "modules.txt").read_text().split("\n")
	for module in filter(None, own):
		if module not in real:
			report.differ("modules.txt", f"ERPNext has no module {module}")


def read(path: Path) -> dict:
	"""The literal assignments of a hooks module; of a dict with computed keys, the literal ones."""
	hooks = {}
	for node in ast.parse(path.read_text()).body:
		if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
			value = _value(node.value)
			if value is not None:
				hooks[node.targets[0].id] = value
	return hooks


def _value(node: ast.AST):
	if isinstance(node, ast.Dict):
		pairs = zip(node.keys, node.values, strict=True)
		return {key.value: _value(value) for key, value in pairs if isinstance(key, ast.Constant)}
	try:
		return ast.literal_eval(node)
	except ValueError:
		return None


def _contained(place: str, mine, real, report: Report) -> None:
	if isinstance(mine, dict) and isinstance(real, dict):
		for key, value in mine.items():
			theirs = real.get(key)
			if place == "hooks.scheduler_events" and key in FREQUENCIES:
				theirs = (theirs or []) + real.get(FREQUENCIES[key], [])
			_contained(f"{place}.{key}", value, theirs, report)
		return
	if isinstance(mine, list):
		real = real if isinstance(real, list) else [real]
		for value in mine:
			if value not in real:
				report.differ(place, f"ERPNext does not have {value!r}")
		return
	if mine != real and not (isinstance(real, list) and mine in real):
		report.unequal(place, mine, real)
