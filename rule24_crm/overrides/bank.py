"""Bank and Bank Account: BIC and account number obey their rules, and an account has a name that Frappe takes."""

from rule24_crm.parties import entry
from rule24_crm.parties.record_names import fitting


def validate_bank(doc, method: str | None = None) -> None:
	"""The BIC is a BIC."""
	entry.check_bank(doc)


def name_account(doc, method: str | None = None) -> None:
	"""ERPNext puts the name together from two that may be 140 characters long each, and asks nobody whether it fits."""
	doc.name = fitting(doc.name)


def validate_account(doc, method: str | None = None) -> None:
	"""The account belongs to its bank."""
	entry.check_bank_account(doc)
