"""What is typed into a client's record is checked, whatever the way in: form, import, API.

Requisites are not asked for while a client is potential, but a value that is given must be right. Phones become E.164; what
is no whole number, such as an internal one or words, stays as it was typed, and a person is only told. E-mails are Frappe's
own check.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import cstr
from pypika import Order

from rule24_crm.exceptions import IdentityError
from rule24_crm.parties.company import home_country
from rule24_crm.parties.identity import countries, emails, phones
from rule24_crm.parties.identity.countries import RUSSIA_CODE
from rule24_crm.parties.identity.numbers import (
	INDIVIDUAL,
	LEGAL_ENTITY,
	SOLE_PROPRIETOR,
	account_problem,
	bank_code_problem,
	bic_problem,
	clean,
	is_swift,
	kpp_problem,
	ogrn_problem,
	tax_id_problem,
)

#: the field `customer_type` of ERPNext by the kind of client
CUSTOMER_TYPE = {LEGAL_ENTITY: "Company", SOLE_PROPRIETOR: "Individual", INDIVIDUAL: "Individual"}
#: DocType -> its fields of INN, KPP, OGRN, account, BIC, phones, e-mails
FIELDS = {
	"Customer": ("tax_id", "rule24_kpp", "rule24_ogrn", "", "", (), ()),
	"Lead": (
		"rule24_tax_id",
		"rule24_kpp",
		"rule24_ogrn",
		"rule24_bank_account",
		"rule24_bic",
		("phone", "mobile_no", "whatsapp_no"),
		("email_id",),
	),
	"Prospect": ("rule24_tax_id", "rule24_kpp", "rule24_ogrn", "rule24_bank_account", "rule24_bic", (), ()),
}
#: fields with a phone that people type -> field for its extension
PHONES = {
	"Customer": {"mobile_no": ""},
	"Lead": {"phone": "phone_ext", "mobile_no": "phone_ext", "whatsapp_no": ""},
	"Contact Phone": {"phone": "rule24_extension"},
}
#: where a number that breaks its rule may be from
_COPIED_FROM = (
	("Contact Phone", "phone"),
	("Lead", "phone"),
	("Lead", "mobile_no"),
	("Lead", "whatsapp_no"),
	("Customer", "mobile_no"),
)


def tidy_phones(doc, method: str | None = None) -> None:
	"""Bring the phones of a Customer, Lead or Contact that this save brings into E.164. Before ERPNext copies them.

	A number without a country's code is one of the company's country. An extension goes into its field if that is free,
	else the number stays as it was typed.

	:raises IdentityError: a number with a country's code cannot exist; the message names each.
	"""
	before = doc.get_doc_before_save()
	if doc.doctype != "Contact":
		wrong = _tidy_phones(doc, before)
	else:
		known = {row.name: row for row in before.phone_nos} if before else {}
		wrong = [words for row in doc.phone_nos for words in _tidy_phones(row, known.get(row.name))]
	_refuse(*dict.fromkeys(wrong), title=_("Phones"))


def _tidy_phones(row, before) -> list[str]:
	"""The same for a document or a row of its table. :return: what is wrong, in words."""
	wrong = []
	for field, extension in PHONES.get(row.doctype, {}).items():
		typed = cstr(row.get(field)).strip()
		if not typed or (before and cstr(before.get(field)).strip() == typed):
			continue
		found = phones.whole(typed, phones.default_region())
		if found and (not found.extension or _take_extension(row, extension, found.extension)):
			row.set(field, found.number)
		elif not found and (words := phones.impossible(typed)) and not _is_copied(typed):
			wrong.append(words)
	return wrong


def _take_extension(row, field: str, extension: str) -> bool:
	if not field or row.get(field) not in (None, "", extension):
		return False
	row.set(field, extension)
	return True


def _is_copied(number: str) -> bool:
	"""Whether the base has the number just so: a mistake from before stops nobody from merging or converting a client.

	The columns have no indexes. It is asked only about numbers that cannot exist, just before they are refused.
	"""
	return any(frappe.db.exists(doctype, {field: number}) for doctype, field in _COPIED_FROM)


def check(doc) -> None:
	"""Refuse requisites that break their rule, if this save brings them; what was wrong before stops nobody.

	:raises IdentityError: the message names each number and the rule it breaks.
	"""
	wrong = [
		words
		for field, words in requisites_problems(doc.doctype, doc).items()
		if doc.is_new() or doc.has_value_changed(field)
	]
	_refuse(*wrong)


def requisites_problems(doctype: str, values) -> dict[str, str]:
	"""What is wrong with the requisites of a Customer, Lead or Prospect: field -> words.

	:param values: the document, or a dict of what a form has so far.
	"""
	inn, kpp, ogrn, account, bic, _phones, _emails = FIELDS[doctype]
	if not any(values.get(field) for field in (inn, kpp, ogrn, account, bic) if field):
		return {}
	kind, country = kind_of(doctype, values), country_of(values, doctype)
	found = {inn: tax_id_problem(values.get(inn), country, kind)}
	if country == RUSSIA_CODE:
		if kind == INDIVIDUAL and doctype == "Customer" and not values.get("rule24_kind"):
			kind = SOLE_PROPRIETOR  # ERPNext's Individual is either
		person = kind in (SOLE_PROPRIETOR, INDIVIDUAL) or len(clean(values.get(inn))) == 12
		found[kpp] = kpp_problem(values.get(kpp))
		if person and values.get(kpp):
			found[kpp] = _("KPP {0}: a sole proprietor or individual has none, clear it").format(
				values.get(kpp)
			)
		found[ogrn] = ogrn_problem(values.get(ogrn), kind)
		if account:
			found[bic] = bic_problem(values.get(bic))
			found[account] = account_problem(values.get(account), values.get(bic))
	return {field: words for field, words in found.items() if words}


def contact_problems(doctype: str, values) -> dict[str, str]:
	"""What is doubtful about phones and e-mails: field -> words."""
	*_requisites, phone_fields, email_fields = FIELDS[doctype]
	region = phones.default_region()
	found = {field: phones.problem(values.get(field), region) for field in phone_fields}
	found |= {field: emails.problem(values.get(field)) for field in email_fields}
	return {field: words for field, words in found.items() if words}


def kind_of(doctype: str, values) -> str | None:
	"""The kind of client: as chosen, else what ERPNext's own type of customer says for sure."""
	if values.get("rule24_kind"):
		return values.get("rule24_kind")
	if doctype == "Customer" and values.get("customer_type") == "Individual":
		return INDIVIDUAL
	return None


def country_of(values, doctype: str = "") -> str:
	"""Code of the client's country, in lower case: its own or its address's, else that of its territory, if that is called
	like a country and the tax number is not right at home, else that of the company that sells.

	:param doctype: Customer, Lead or Prospect, to look for addresses of a client that is there already, and for its territory.
	"""
	country = values.get("country")
	if not country and values.get("customer_primary_address"):
		country = frappe.db.get_value("Address", values.get("customer_primary_address"), "country")
	if not country and doctype and values.get("name") and not values.get("__islocal"):
		country = _country_of_addresses(doctype, values.get("name"))
	if not country and doctype:
		country = _country_of_territory(doctype, values)
	return phones.country_code(country or home_country())


def _country_of_territory(doctype: str, values) -> str:
	"""The country that a territory is called like. Often nobody chose it, it is the first of the tree: so a tax number that is
	right at home is of home.
	"""
	country = countries.find(cstr(values.get("territory")), by_code=False)
	number = country and values.get(FIELDS[doctype][0])
	if number and not tax_id_problem(number, phones.country_code(home_country()), kind_of(doctype, values)):
		return ""
	return country


def _country_of_addresses(doctype: str, name: str) -> str | None:
	"""Where the client's first address is."""
	link, address = frappe.qb.DocType("Dynamic Link"), frappe.qb.DocType("Address")
	found = (
		frappe.qb.from_(link)
		.join(address)
		.on(address.name == link.parent)
		.select(address.country)
		.where(link.link_doctype == doctype)
		.where(link.link_name == name)
		.where(link.parenttype == "Address")
		.orderby(address.is_primary_address, order=Order.desc)
		.orderby(address.creation)
		.limit(1)
		.run()
	)
	return found[0][0] if found else None


def check_bank(doc) -> None:
	"""A Bank's BIC, or the SWIFT code of one abroad.

	:raises IdentityError: it breaks its rule.
	"""
	if doc.is_new() or doc.has_value_changed("rule24_bic"):
		_refuse(bank_code_problem(doc.rule24_bic))


def check_bank_account(doc) -> None:
	"""An account in a bank whose BIC is known: its length and key. Of one abroad no rule is known.

	:raises IdentityError: it breaks its rule.
	"""
	bic = doc.bank and frappe.db.get_value("Bank", doc.bank, "rule24_bic")
	if (
		bic
		and not is_swift(bic)
		and (doc.is_new() or doc.has_value_changed("bank_account_no") or doc.has_value_changed("bank"))
	):
		_refuse(account_problem(doc.bank_account_no, bic))


def _refuse(*words: str, title: str = "") -> None:
	wrong = [frappe.utils.escape_html(each) for each in words if each]
	if wrong:
		frappe.throw("<br>".join(wrong), IdentityError, title=title or _("Requisites"))
