"""Contact: clients are recognised by the phones and e-mails of their people."""

from rule24_crm.parties.duplicates import store, warning


def validate(doc, method: str | None = None) -> None:
	"""Say that the person's phone or e-mail belongs to another client."""
	warning.check_contact(doc)


def on_change(doc, method: str | None = None, *args) -> None:
	"""Saved, renamed, merged or deleted: the keys of every client it belongs or belonged to follow."""
	before = doc.get_doc_before_save()
	linked = [*doc.links, *(before.links if before else [])]
	store.refresh((link.link_doctype, link.link_name) for link in linked)
