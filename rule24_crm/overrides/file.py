"""File where Frappe replaces classes instead of extending them (before 16)."""

from frappe.core.doctype.file.file import File

from rule24_crm.overrides.upload import RefusesEmptyUploads
from rule24_crm.parties.access.files import GuardsPrivateFiles


class GuardedFile(RefusesEmptyUploads, GuardsPrivateFiles, File):
	"""A File whose rows point only at what the user may read, and have something in them."""
