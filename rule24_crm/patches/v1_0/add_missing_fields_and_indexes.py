"""Fields, indexes and the role that the version a site comes from did not have yet; what is there stays as it is."""

from rule24_crm.parties import next_work
from rule24_crm.setup import custom_fields, indexes, roles


def execute() -> None:
	"""Safe to run twice. The next work's day is computed anew: works may be older than the field."""
	roles.make()
	custom_fields.make()
	indexes.make()
	next_work.rebuild()
