"""The letter with the documents of a deal: to its contact, PDFs attached, kept as a Communication of the deal."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import get_fullname

from rule24_crm.communication.letters import note_sent
from rule24_crm.compat import single_value
from rule24_crm.deals import contacts
from rule24_crm.exceptions import DocumentsError
from rule24_crm.parties.identity.countries import RUSSIA
from rule24_crm.printing.pdf import attachment

#: DocType -> print format of ours; without it (the formats may have been deleted) the DocType's default is used
PRINT_FORMATS = {
	"Sales Invoice": "Rule24 Payment Invoice",
	"Sales Order": "Rule24 Payment Invoice for Order",
	"Quotation": "Rule24 Payment Invoice for Quotation",
	"Contract": "Rule24 Contract",
}


def check(deal) -> None:
	"""Refuse early what cannot be sent later.

	:raises DocumentsError: there is no template or no address.
	"""
	if not single_value("Rule24 CRM Settings", "documents_letter"):
		frappe.throw(
			_("Choose the {0} in {1} first.").format(
				frappe.bold(_("Letter With Documents")), frappe.bold(_("Rule24 CRM Settings"))
			),
			DocumentsError,
		)
	if not address(deal):
		frappe.throw(
			_("The deal {0} has no contact with an e-mail address. Choose one in {1}.").format(
				frappe.bold(deal.title or deal.name), frappe.bold(_("Contact Person"))
			),
			DocumentsError,
			title=_("No Address"),
		)


def address(deal) -> str | None:
	"""The e-mail of the deal's contact, else of whoever of the client has one."""
	if deal.contact_email:
		return deal.contact_email
	people = [
		deal.contact_person,
		*contacts.of("Opportunity", deal.name),
		*contacts.of(deal.opportunity_from, deal.party_name),
	]
	for person in filter(None, people):
		if found := frappe.db.get_value("Contact", person, "email_id"):
			return found
	return None


def send_after_commit(deal, documents: list[tuple[str, str]]) -> str:
	"""Queue the letter for when the documents are really there.

	:param documents: (DocType, name) of what to attach.
	:return: the address it goes to.
	"""
	to = address(deal)
	frappe.enqueue(
		"rule24_crm.deals.letter.send",
		queue="short",
		enqueue_after_commit=True,
		opportunity=deal.name,
		documents=[list(each) for each in documents if each],
		recipient=to,
		sender=frappe.session.user,
	)
	return to


def send(opportunity: str, documents: list, recipient: str, sender: str) -> str | None:
	"""The job: make the PDFs, put the letter into the Email Queue, record it on the deal.

	:return: name of the Communication; `None` when it failed: the deal then says so in a comment.
	"""
	deal = frappe.get_doc("Opportunity", opportunity)
	frappe.db.savepoint("rule24_letter")
	try:
		return _send(deal, documents, recipient, sender)
	except Exception:
		frappe.db.rollback(save_point="rule24_letter")
		frappe.log_error(
			title=f"Letter with documents of {opportunity}",
			reference_doctype="Opportunity",
			reference_name=opportunity,
		)
		deal.add_comment(
			"Comment",
			_("The letter with the documents could not be sent to {0}. The Error Log says why.").format(
				recipient
			),
		)
		return None


def _send(deal, documents: list, recipient: str, sender: str) -> str:
	subject, text = compose(deal, documents, sender)
	communication = note_sent(  # whoever may issue the documents may have them sent
		subject=subject,
		content=text,
		sender=frappe.db.get_value("User", sender, "email") or sender,
		recipient=recipient,
		about=("Opportunity", deal.name),
		has_attachment=1,
	)
	files = [_attach(communication.name, doctype, name, deal.get("language")) for doctype, name in documents]
	frappe.sendmail(
		recipients=[recipient],
		subject=subject,
		message=text,
		attachments=[{"fid": file} for file in files],
		reference_doctype="Opportunity",
		reference_name=deal.name,
		communication=communication.name,
	)
	return communication.name


def compose(deal, documents: list, sender: str) -> tuple[str, str]:
	"""Subject and text of the letter, from the Email Template of the settings."""
	template = frappe.get_cached_doc(
		"Email Template", single_value("Rule24 CRM Settings", "documents_letter")
	)
	context = values(deal, documents, sender)
	body = template.response_html if template.use_html else template.response
	return frappe.render_template(template.subject, context), frappe.render_template(body or "", context)


def values(deal, documents: list, sender: str) -> dict:
	"""What the Email Template may say."""
	country = frappe.get_cached_value("Company", deal.company, "country")
	lang = deal.get("language") or ("ru" if country == RUSSIA else frappe.db.get_default("lang") or "en")
	return {
		"lang": "ru" if lang.startswith("ru") else "en",
		"deal": deal,
		"documents": [{"doctype": doctype, "name": name} for doctype, name in documents],
		"contact_name": deal.contact_display
		or (deal.contact_person and frappe.db.get_value("Contact", deal.contact_person, "full_name"))
		or "",
		"sender_name": get_fullname(sender),
		"company": deal.company,
	}


def _attach(communication: str, doctype: str, name: str, lang: str | None) -> str:
	wanted = PRINT_FORMATS.get(doctype)
	print_format = wanted if wanted and frappe.db.exists("Print Format", wanted) else None
	# whoever may issue the documents may have them sent
	printed = attachment(doctype, name, print_format, lang=lang, checked=True)
	return (
		frappe.get_doc(
			{
				"doctype": "File",
				"file_name": printed["fname"],
				"content": printed["fcontent"],
				"attached_to_doctype": "Communication",
				"attached_to_name": communication,
				"is_private": 1,
			}
		)
		.insert(ignore_permissions=True)  # part of the letter above
		.name
	)
