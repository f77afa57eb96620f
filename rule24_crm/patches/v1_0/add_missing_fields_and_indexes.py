"""Fields, indexes and the role that the version a site comes from did not have yet; what is there stays as it is."""

from rule24_crm.parties import next_work
from rule24_crm.parties.segments import rows as segment_rows
from rule24_crm.setup import custom_fields, grants, indexes, property_setters, roles


def execute() -> None:
	"""Safe to run twice. Clients that are older than our fields get their rows of segments and their next day."""
	roles.make()
	grants.make()
	custom_fields.make()
	property_setters.make()
	indexes.make()
	segment_rows.adopt()
	next_work.rebuild()
