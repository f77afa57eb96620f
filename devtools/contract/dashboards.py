"""Connections of a form (`<doctype>_dashboard.py`): what the stand-in shows, ERPNext shows in the same group."""

import ast
from pathlib import Path

from devtools.contract.report import Report


def compare(standin: Path, erpnext: Path, report: Report) -> None:
	for path in sorted(standin.glob("*/doctype/*/*_dashboard.py")):
		place = path.stem
		real = erpnext / path.relative_to(standin)
		report.count("dashboards")
		if not real.is_file():
			report.differ(place, "ERPNext has no such dashboard")
			continue
		mine, theirs = read(path), read(real)
		for key, value in mine.items():
			if key == "transactions":
				_groups(place, value, theirs.get(key, []), report)
			elif isinstance(value, dict):
				for name, fieldname in value.items():
					if (theirs.get(key) or {}).get(name) != fieldname:
						report.unequal(f"{place} {key}.{name}", fieldname, (theirs.get(key) or {}).get(name))
			elif theirs.get(key) != value:
				report.unequal(f"{place} {key}", value, theirs.get(key))


def _groups(place: str, mine: list[dict], theirs: list[dict], report: Report) -> None:
	known = {group.get("label"): group["items"] for group in theirs}
	for group in mine:
		label = group.get("label")
		strange = [item for item in group["items"] if item not in known.get(label, [])]
		if strange:
			report.differ(
				f"{place} group {label or 'without a label'}", f"ERPNext does not show {strange} there"
			)


def read(path: Path) -> dict:
	"""What `get_data` returns, with the labels in English."""
	for node in ast.walk(ast.parse(path.read_text())):
		if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict):
			return ast.literal_eval(_English().visit(node.value))
	return {}


class _English(ast.NodeTransformer):
	def visit_Call(self, node: ast.Call) -> ast.AST:
		"""`_("Orders")` is "Orders"; a longer sentence is no part of the contract."""
		is_label = getattr(node.func, "id", "") == "_" and node.args
		return node.args[0] if is_label else ast.Constant("")
