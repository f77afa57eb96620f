"""Writes a site's database as JSON, for comparing what an installation has left behind: `tables <site> <file>`."""

import json
import sys

import frappe

from devtools.inside.connection import connected

#: who and when differ with every run
STAMPS = {"creation", "modified", "owner", "modified_by"}
#: books that Frappe keeps of what was done; no part of the site's state
#: also `show tables` lists sequences, which only count on
LOGS = {
	"version_id_seq",
	"tabError Log",
	"tabActivity Log",
	"tabScheduled Job Log",
	"tabSessions",
	"__global_search",
	"tabRoute History",
}


def main() -> None:
	with connected():
		tables = {table: _table(table) for (table,) in frappe.db.sql("show tables") if table not in LOGS}
	with open(sys.argv[2], "w") as file:
		json.dump(tables, file)


def _table(table: str) -> dict[str, list[str]]:
	columns = frappe.db.sql(f"show columns from `{table}`")
	indexes = frappe.db.sql(f"show index from `{table}`")
	named = [row[0] for row in columns if row[0] not in STAMPS]
	rows = frappe.db.sql(f"select {','.join(f'`{name}`' for name in named)} from `{table}`", as_dict=True)
	return {
		"columns": sorted(str((*row[:3], row[4])) for row in columns),
		"indexes": sorted(str((row[2], row[3], row[4])) for row in indexes),
		"rows": sorted(json.dumps(row, default=str, sort_keys=True) for row in rows),
	}


if __name__ == "__main__":
	main()
