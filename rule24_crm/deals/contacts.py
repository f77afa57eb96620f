"""One person, one Contact: records share it by one more link each, it is never made twice."""

from __future__ import annotations

import re

import frappe

from rule24_crm.parties.duplicates import store

DIGITS = 10


def of(doctype: str, name: str) -> list[str]:
	"""Contacts linked to a record, the oldest link first."""
	return _linked("Contact", doctype, name)


def link(contact: str, doctype: str, name: str, *, kind: str = "Contact") -> None:
	"""Link a Contact (or, with `kind`, an Address) to one more record, once.

	Writes the row alone: saving a Contact asks Gravatar over the network.
	"""
	at = {"parenttype": kind, "parent": contact, "link_doctype": doctype, "link_name": name}
	if frappe.db.exists("Dynamic Link", at):
		return
	row = frappe.new_doc("Dynamic Link")
	row.update(
		{
			**at,
			"parentfield": "links",
			"idx": frappe.db.count("Dynamic Link", {"parenttype": kind, "parent": contact}) + 1,
		}
	)
	row.set_new_name()
	row.link_title = frappe.db.get_value(doctype, name, frappe.get_meta(doctype).get_title_field())
	row.db_insert()
	frappe.clear_document_cache(kind, contact)
	store.refresh([(doctype, name)])


def unlink(doctype: str, name: str) -> None:
	"""A record goes: nobody is linked to it any more. A Contact with a link that leads nowhere cannot be saved."""
	links = {"link_doctype": doctype, "link_name": name, "parenttype": ("in", ("Contact", "Address"))}
	for row in frappe.get_all(
		"Dynamic Link", filters=links, fields=["name", "parent", "parenttype"]
	):  # all go
		frappe.db.delete("Dynamic Link", {"name": row.name})
		frappe.clear_document_cache(row.parenttype, row.parent)


def carry(from_type: str, from_name: str, to_type: str, to_name: str) -> None:
	"""Link every Contact and Address of one record to another, except persons it has already under another Contact."""
	known = [details(contact) for contact in of(to_type, to_name)]
	for contact in of(from_type, from_name):
		mine = details(contact)
		if not any(mine & other for other in known):
			link(contact, to_type, to_name)
	for address in _linked("Address", from_type, from_name):
		link(address, to_type, to_name, kind="Address")


def same_person(
	contacts: list[str], emails: set[str] | list[str], phones: set[str] | list[str]
) -> str | None:
	"""Which of these contacts has one of the e-mails or phones."""
	wanted = {email.strip().lower() for email in emails if email} | {
		digits(phone) for phone in phones if digits(phone)
	}
	return next((contact for contact in contacts if details(contact) & wanted), None)


def find(email: str | None, phones: list[str]) -> str | None:
	"""A Contact anywhere on the site with this e-mail or one of these phones, the oldest first.

	Phones are compared by their digits, for which there is no index: all of them in one look.
	"""
	if email:
		found = frappe.get_all(  # a person known under a client the user may not see is still the same person
			"Contact Email", filters={"email_id": email.strip()}, pluck="parent", order_by="creation", limit=1
		)
		if found:
			return found[0]
	wanted = list(dict.fromkeys(filter(None, map(digits, phones))))
	if not wanted:
		return None
	rows = frappe.get_all(  # as above; however a number was typed, its last two digits stand together
		"Contact Phone",
		or_filters=[["phone", "like", f"%{phone[-2:]}"] for phone in wanted],
		fields=["parent", "phone"],
		order_by="creation desc",
	)
	known = {digits(row.phone): row.parent for row in rows}
	return next((known[phone] for phone in wanted if phone in known), None)


def details(contact: str) -> set[str]:
	"""What identifies a person: e-mails in lower case and the last ten digits of the phones."""
	emails = frappe.get_all("Contact Email", filters={"parent": contact}, pluck="email_id")  # comparison only
	phones = frappe.get_all("Contact Phone", filters={"parent": contact}, pluck="phone")  # comparison only
	return {email.strip().lower() for email in emails if email} | {
		digits(phone) for phone in phones if digits(phone)
	}


def digits(phone: str | None) -> str:
	"""The last ten digits: 8 (495) ..., +7495... and 495... are one number. Shorter ones tell nothing."""
	found = re.sub(r"\D", "", phone or "")
	return found[-DIGITS:] if len(found) >= DIGITS else ""


def _linked(kind: str, doctype: str, name: str) -> list[str]:
	row = frappe.qb.DocType("Dynamic Link")  # who belongs to a record the caller has been let at
	parents = (
		frappe.qb.from_(row)
		.select(row.parent)
		.where((row.parenttype == kind) & (row.link_doctype == doctype) & (row.link_name == name))
		.orderby(row.creation)
		.run(pluck=True)
	)
	return list(dict.fromkeys(parents))
