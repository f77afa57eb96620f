"""What one story made of its records on both runtimes: every value the stand-in has must be ERPNext's."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from devtools.contract.report import Report

REPO = Path(__file__).resolve().parents[2]
SCENARIO = Path(__file__).with_name("scenario.py")
CENT = 1e-9


def run_both(bench: Path, report: Report) -> None:
	"""Run the story on the preview and on the bench, each on a site that `./dev` sets up, and compare.

	:raises RuntimeError: a run failed; its own words are on the screen.
	"""
	with tempfile.TemporaryDirectory() as folder:
		ours, theirs = Path(folder, "standin.json"), Path(folder, "erpnext.json")
		environment = {key: value for key, value in os.environ.items() if key != "FRAPPE_BENCH"}
		environment["PYTHONWARNINGS"] = "ignore"
		_run(ours, environment)
		_run(theirs, {**environment, "FRAPPE_BENCH": str(bench)})
		compare(ours, theirs, report)


def _run(out: Path, environment: dict[str, str]) -> None:
	subprocess.run([REPO / "dev", "shell", SCENARIO, out], cwd=REPO, env=environment, check=False)
	if not out.exists():
		raise RuntimeError("the story did not come to its end")


def compare(ours: Path, theirs: Path, report: Report) -> None:
	"""Compare two files that the story wrote."""
	mine, real = json.loads(ours.read_text()), json.loads(theirs.read_text())
	for label, value in mine.items():
		report.count("records")
		if label not in real:
			report.differ(label, "ERPNext has no such record")
			continue
		_value(label, value, real[label], report)


def _value(place: str, mine, real, report: Report) -> None:
	if isinstance(mine, dict) and isinstance(real, dict):
		for key, value in mine.items():
			_value(f"{place}.{key}", value, real.get(key), report)
	elif isinstance(mine, list) and isinstance(real, list) and len(mine) == len(real):
		for number, (value, other) in enumerate(zip(mine, real, strict=True), start=1):
			_value(f"{place}[{number}]", value, other, report)
	else:
		report.count("values")
		if not _same(mine, real):
			report.unequal(place, mine, real)


def _same(mine, real) -> bool:
	"""Equal; an empty value is as good as none, and a number within rounding of the machine."""
	if mine in EMPTY and real in EMPTY:
		return True
	if isinstance(mine, int | float) and isinstance(real, int | float):
		return abs(mine - real) < CENT
	return mine == real


EMPTY = (None, "", 0, [], {})
