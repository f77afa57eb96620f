"""Bank and Bank Account: BIC and account number obey their rules."""

from rule24_crm.parties import entry


def validate_bank(doc, method: str | None = None) -> None:
	"""The BIC is a BIC."""
	entry.check_bank(doc)


def validate_account(doc, method: str | None = None) -> None:
	"""The account belongs to its bank."""
	entry.check_bank_account(doc)
