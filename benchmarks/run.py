"""`./dev bench`: every measure, one run. `--write` keeps the figures in docs/performance.md; names choose measures.

It runs on a site of its own that `./dev bench` throws away. Each measure finds the site as it was at the beginning: what it
has committed is deleted after it.
"""

import argparse
import importlib
import os
import platform
import sys
import traceback
from pathlib import Path

import frappe

from benchmarks.harness import Ratio, forget_all_but, rows_of_tables

MEASURES = (
	"works",
	"importing",
	"segments",
	"planning",
	"handover",
	"closing",
	"today",
	"duplicates",
	"access",
	"facts",
	"documents",
	"pdf",
)
PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


def main(arguments: list[str] | None = None) -> int:
	"""Run the measures and print them. Timings decide nothing: the exit code is 0 unless a measure breaks."""
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("names", nargs="*", default=MEASURES, help="measures to run")
	parser.add_argument("--write", action="store_true", help="keep the figures in docs/performance.md")
	options = parser.parse_args(arguments)
	connect()
	start = rows_of_tables()
	figures: list[Ratio] = []
	broken: list[str] = []
	for name in options.names or MEASURES:
		print(f"measuring {name} ...", flush=True)
		try:
			found = importlib.import_module(f"benchmarks.{name}").measure()
		except Exception:  # whatever it is, the figures of the others are not lost with it
			traceback.print_exc()
			broken.append(name)
			found = []
		frappe.db.rollback()
		forget_all_but(start)
		for ratio in found:
			print("  " + line(ratio), flush=True)
		figures.extend(found)
	if options.write and figures:
		PAGE.write_text(page(figures, broken), encoding="utf-8")
		print(f"written to {PAGE.relative_to(PAGE.parents[1])}")
	if broken:
		print(f"broken: {', '.join(broken)}", file=sys.stderr)
	return 1 if broken else 0


def connect() -> None:
	"""Connect to the site that `./dev bench` has made for this run."""
	os.chdir(os.environ["SITES_PATH"])  # Frappe finds its logs from there
	frappe.init(site=os.environ["RULE24_SITE"], sites_path=os.environ["SITES_PATH"])
	frappe.connect()
	frappe.set_user("Administrator")


def line(ratio: Ratio) -> str:
	"""A figure in words."""
	bound = f"{'at least' if ratio.at_least else 'at most'} {ratio.bound:g} {ratio.unit}"
	return f"{'kept ' if ratio.kept else 'MISSED'}  {ratio.value:.2f} {ratio.unit} ({bound})  {ratio.title}  [{ratio.detail}]"


def page(figures: list[Ratio], broken: list[str]) -> str:
	"""docs/performance.md.

	:param broken: measures that have given no figure.
	"""
	import erpnext

	rows = "\n".join(
		f"| {ratio.title} | {ratio.value:.2f} {ratio.unit} | {'≥' if ratio.at_least else '≤'} {ratio.bound:g} {ratio.unit} | "
		f"{'yes' if ratio.kept else '**no**'} | {ratio.detail} |"
		for ratio in figures
	)
	missing = f"\nWithout a figure in this run: {', '.join(broken)}.\n" if broken else ""
	return f"""# Performance

All figures come from one run of

```
FRAPPE_BENCH=<bench> ./dev bench --write
```

on Frappe {frappe.__version__}, ERPNext {erpnext.__version__}, Python {platform.python_version()},
{frappe.db.sql("select version()")[0][0]} with the memory that frappe/bench gives it in production
(`devtools/production.py`). Both sides of a ratio are measured in the same run, taking turns; the value is the
ratio of medians, or the median of the rounds' own ratios. No test depends on a timing.

| measure | ratio | bound | kept | figures |
|---|---|---|---|---|
{rows}
{missing}
How each is measured, and against what, stands at the top of the module of that name in `benchmarks/`.
"""


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
