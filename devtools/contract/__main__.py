"""`python -m devtools.contract --bench PATH [--scenario]`: differences one a line, a line of counts; exit 1 if any differ."""

import argparse
import ast
import subprocess
import sys
from pathlib import Path

from devtools.contract import dashboards, doctypes, functions, hooks, records
from devtools.contract.report import Report

REPO = Path(__file__).resolve().parents[2]
STANDIN = REPO / "devtools" / "standin" / "erpnext"
COMPAT = REPO / "rule24_crm" / "compat.py"


def main(arguments: list[str] | None = None) -> int:
	options = _options(arguments)
	erpnext, frappe = (options.bench / "apps" / app / app for app in ("erpnext", "frappe"))
	for app in (erpnext, frappe):
		if not (app / "hooks.py").is_file():
			print(f"There is no {app.name} at {app}: --bench takes the folder that has apps/ in it.")
			return 2
	try:
		report = static(options.standin, erpnext, frappe, alternatives(COMPAT))
	except SyntaxError:
		return _with_its_python(options.bench, arguments)
	if options.scenario:
		records.run_both(options.bench, report)
	if options.records:
		records.compare(*options.records, report)
	for line in report.differences:
		print(line)
	print(report.summary())
	return 1 if report.differences else 0


def _with_its_python(bench: Path, arguments: list[str] | None) -> int:
	"""A bench may be written for a newer Python than this one; its own reads it."""
	python = bench / "env" / "bin" / "python"
	if not python.exists() or python.samefile(sys.executable):
		print(f"The bench is written for a newer Python than {sys.version.split()[0]}, and {python} is none.")
		return 2
	words = sys.argv[1:] if arguments is None else arguments
	return subprocess.call([python, "-m", "devtools.contract", *words], cwd=REPO)


def static(standin: Path, erpnext: Path, frappe: Path, others: list[tuple[str, ...]]) -> Report:
	"""Everything that can be told from the files: DocTypes, functions, hooks."""
	report = Report()
	doctypes.compare(standin, erpnext, frappe, report)
	functions.compare(standin, functions.Sources(erpnext=erpnext, frappe=frappe), others, report)
	dashboards.compare(standin, erpnext, report)
	hooks.compare(standin, erpnext, report)
	return report


def alternatives(compat: Path) -> list[tuple[str, ...]]:
	"""The places where supported versions keep one function, from the app's own table of them."""
	for node in ast.parse(compat.read_text()).body:
		if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MAPPERS":
			return list(ast.literal_eval(node.value).values())
	raise SystemExit(f"{compat} has no table MAPPERS any more: the contract check reads it.")


def _options(arguments: list[str] | None) -> argparse.Namespace:
	parser = argparse.ArgumentParser(prog="python -m devtools.contract", description=__doc__)
	parser.add_argument("--bench", type=Path, required=True, help="a bench with real Frappe and ERPNext")
	parser.add_argument("--standin", type=Path, default=STANDIN, help=argparse.SUPPRESS)
	parser.add_argument(
		"--scenario", action="store_true", help="also run one sales story on both and compare its records"
	)
	parser.add_argument(
		"--records",
		type=Path,
		nargs=2,
		metavar=("STANDIN", "ERPNEXT"),
		help="compare two files that devtools/contract/scenario.py wrote",
	)
	return parser.parse_args(arguments)


if __name__ == "__main__":
	sys.exit(main())
