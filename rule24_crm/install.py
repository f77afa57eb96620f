"""What `bench --site <site> install-app rule24_crm` does before and after the DocTypes are there."""

from rule24_crm.parties.duplicates import store
from rule24_crm.parties.segments import rows as segment_rows
from rule24_crm.setup import (
	boards,
	custom_fields,
	dictionaries,
	global_search,
	grants,
	indexes,
	pdf_generator,
	property_setters,
	roles,
	settings,
	tables,
)


def before_install() -> None:
	"""The role, while it is still known whether the site had it: Frappe makes the roles that our DocTypes name."""
	roles.make()


def after_install() -> None:
	"""Roles, fields on stock DocTypes, indexes and starting dictionaries. Safe to run twice."""
	roles.make()
	grants.make()
	custom_fields.make()
	property_setters.make()
	indexes.make()
	if tables.make():
		store.rebuild()
	segment_rows.adopt()
	dictionaries.make()
	settings.make()
	pdf_generator.make()
	boards.make()
	global_search.make()
