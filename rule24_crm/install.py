"""What `bench --site <site> install-app rule24_crm` does after the DocTypes are there."""

from rule24_crm.parties.duplicates import store
from rule24_crm.setup import (
	boards,
	custom_fields,
	dictionaries,
	global_search,
	indexes,
	pdf_generator,
	roles,
	settings,
	tables,
)


def after_install() -> None:
	"""Roles, fields on stock DocTypes, indexes and starting dictionaries. Safe to run twice."""
	roles.make()
	custom_fields.make()
	indexes.make()
	if tables.make():
		store.rebuild()
	dictionaries.make()
	settings.make()
	pdf_generator.make()
	boards.make()
	global_search.make()
