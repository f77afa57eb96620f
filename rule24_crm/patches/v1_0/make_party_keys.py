"""The table that clients are recognised by, for a site from a version without it, or without the INN beside names."""

from rule24_crm.parties.duplicates import store
from rule24_crm.setup import tables


def execute() -> None:
	"""Safe to run twice: the keys are computed anew from the clients and their contacts."""
	tables.make()
	store.rebuild()
