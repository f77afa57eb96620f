"""Rows written as they are, many in one statement, where the query builder's quoting of each value would be what takes time."""

from collections.abc import Sequence

import frappe

CHUNK = 2_000


def insert_rows(doctype: str, columns: Sequence[str], rows: Sequence[Sequence]) -> None:
	"""Insert complete rows, standard columns included.

	:param columns: names of columns; constants of the caller, never from a user.
	:param rows: values in the order of `columns`.
	"""
	names = ",".join(f"`{column}`" for column in columns)
	place = "(" + ",".join(["%s"] * len(columns)) + ")"
	for start in range(0, len(rows), CHUNK):
		chunk = rows[start : start + CHUNK]
		# names are the caller's constants, values are bound
		frappe.db.sql(
			f"INSERT INTO `tab{doctype}` ({names}) VALUES {','.join([place] * len(chunk))}",
			[value for row in chunk for value in row],
		)
