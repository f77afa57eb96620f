"""What the lists of our fields are put together with."""

import itertools


def chain(fields: list[dict], after: str | None = None) -> list[dict]:
	"""Set each field behind the one before it, unless it says where it stands.

	:param after: the field behind which the first one stands.
	"""
	if after:
		fields[0].setdefault("insert_after", after)
	for before, field in itertools.pairwise(fields):
		field.setdefault("insert_after", before["fieldname"])
	return fields


def filled(fieldname: str, label: str, **more) -> dict:
	"""A place on the form that the Desk fills."""
	return dict(fieldname=fieldname, label=label, fieldtype="HTML", print_hide=1, **more)


def opening(kind: str, fieldname: str, label: str, **more) -> dict:
	"""A break that begins a tab or a section of what is only shown.

	:param kind: "Tab" or "Section".
	"""
	return dict(fieldname=fieldname, label=label, fieldtype=f"{kind} Break", print_hide=1, **more)
