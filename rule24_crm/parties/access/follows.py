"""Whoever follows a document is told by e-mail what has changed in it. That ends with the right to see it: Frappe asks for
none when it writes these letters."""

import frappe

from rule24_crm.parties.access import predicate
from rule24_crm.parties.access.registry import RULES

_LETTERS = "frappe.desk.form.document_follow.send_"


def end_hidden(kwargs: dict | None = None, **_job) -> None:
	"""Nobody follows what is hidden from him. Runs before each job, and does something before that which writes the letters.

	:param kwargs: arguments of the job; a scheduled one names its method in `job_type`.
	"""
	if not str((kwargs or {}).get("job_type")).startswith(_LETTERS):
		return
	rows = frappe.get_all(  # everybody's
		"Document Follow",
		{"ref_doctype": ("in", list(RULES))},
		["name", "user", "ref_doctype", "ref_docname"],
		order_by=None,
	)
	followed: dict[tuple[str, str], dict[str, str]] = {}
	for row in rows:
		followed.setdefault((row.user, row.ref_doctype), {})[row.ref_docname] = row.name
	for (user, doctype), documents in followed.items():
		if hidden := documents.keys() - predicate.readable(doctype, documents, user):
			frappe.db.delete("Document Follow", {"name": ("in", [documents[name] for name in hidden])})
