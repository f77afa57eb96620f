"""Tables of Rule24 CRM beside its DocTypes: rows that no user ever sees, too many and too short to be documents."""

import frappe

#: what clients are recognised by; see `parties/duplicates/store.py`
PARTY_KEY = "__rule24_party_key"

_COLUMNS = """(
	`kind` varchar(8) character set ascii not null,
	`value` varchar(140) collate utf8mb4_bin not null,
	`party_type` varchar(8) character set ascii not null,
	`party` varchar(140) not null,
	`detail` varchar(140) not null default '',
	primary key (`kind`, `value`, `party_type`, `party`),
	key `party` (`party_type`, `party`)
) engine=InnoDB row_format=dynamic character set=utf8mb4 collate=utf8mb4_unicode_ci"""


def make() -> bool:
	"""Create the tables that are missing; whether any was."""
	if PARTY_KEY in frappe.db.get_tables(cached=False):
		return False
	frappe.db.sql_ddl(f"create table `{PARTY_KEY}` {_COLUMNS}")  # DDL: both are constants of this module
	return True


def drop() -> None:
	"""Take the tables away with the app."""
	frappe.db.sql_ddl(f"drop table if exists `{PARTY_KEY}`")
