"""How much Frappe takes as a name, and what becomes of a name that is put together and has more."""

from __future__ import annotations

from hashlib import md5

#: characters of a name, a Link and a Data field, where the field says nothing else (`frappe.db.VARCHAR_LEN`)
DATA_LENGTH = 140
#: signs in the place of what is cut off, and the dash before them
_MARK = 9


def fitting(name: str, length: int = DATA_LENGTH) -> str:
	"""The name if there is room for all of it, else its beginning; eight signs tell those apart that begin alike.

	:param length: characters there is room for.
	"""
	if len(name) <= length:
		return name
	return f"{name[: length - _MARK].strip()}-{md5(name.encode(), usedforsecurity=False).hexdigest()[: _MARK - 1]}"


def same_name(name: str) -> str:
	"""Names that MariaDB holds for the same, as names of records are unique to it, have the same one."""
	return name.strip().casefold().replace("ё", "е")


def too_long(first: str, second: str) -> str | None:
	"""A name of two parts with a dash between them, when Frappe does not take it as it is; else None: it is named as always."""
	name = f"{first}-{second}"
	return fitting(name) if len(name) > DATA_LENGTH else None
