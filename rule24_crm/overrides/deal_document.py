"""Sales Invoice, Sales Order, Quotation and Contract: the deal they were issued for stays."""

from rule24_crm.deals import belonging


def validate(doc, method: str | None = None) -> None:
	"""The deal is not changed by hand."""
	belonging.check(doc)
