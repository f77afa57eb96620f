"""Who stands on a printed document: our company, its bank, and the client, with the requisites a document needs."""

from __future__ import annotations

import mimetypes

import frappe
from frappe.utils import cint

from rule24_crm.parties.banks import nameless
from rule24_crm.printing.html import data_uri

#: DocType of a client -> fields of its name, INN, KPP, OGRN and address; "" where it has none
CLIENT_FIELDS = {
	"Customer": ("customer_name", "tax_id", "rule24_kpp", "rule24_ogrn", "customer_primary_address"),
	"Lead": ("company_name", "rule24_tax_id", "rule24_kpp", "rule24_ogrn", ""),
	"Prospect": ("company_name", "rule24_tax_id", "rule24_kpp", "rule24_ogrn", ""),
}
COMPANY_FIELDS = (
	"company_name",
	"tax_id",
	"phone_no",
	"email",
	"rule24_kpp",
	"rule24_ogrn",
	"rule24_director",
	"rule24_chief_accountant",
	"rule24_stamp",
	"rule24_director_signature",
	"rule24_accountant_signature",
)
BANK_FIELDS = ("bank_name", "swift_number", "rule24_bic", "rule24_correspondent_account")
#: digits of the INN of a person, so of a sole proprietor; a company has ten
PERSON_INN = 12


def company(name: str, address: str | None = None) -> frappe._dict:
	"""Our side: name, requisites, signatories, and their images as data URIs ("" where none is uploaded).

	:param name: Company.
	:param address: Address that the document names, else the company's own.
	"""
	doc = _columns("Company", name, COMPANY_FIELDS)
	return frappe._dict(
		name=doc.company_name,
		inn=doc.tax_id or "",
		kpp=doc.get("rule24_kpp") or "",
		ogrn=doc.get("rule24_ogrn") or "",
		is_person=len(doc.tax_id or "") == PERSON_INN,
		address=address_line(address or linked_address("Company", name)),
		phone=doc.phone_no or "",
		email=doc.email or "",
		director=doc.get("rule24_director") or "",
		accountant=doc.get("rule24_chief_accountant") or "",
		stamp=_own_image(doc.get("rule24_stamp")),
		director_signature=_own_image(doc.get("rule24_director_signature")),
		accountant_signature=_own_image(doc.get("rule24_accountant_signature")),
	)


def client(
	doctype: str, name: str, title: str | None = None, address: str | None = None, inn: str | None = None
):
	"""The other side of a document.

	:param doctype: Customer, Lead or Prospect. Of those who are no customers yet no requisites are printed: nobody is
		asked for them before the first document.
	:param title: the name as the document keeps it, else the client's present one.
	:param address: Address that the document names, else the client's own.
	:param inn: as the document keeps it, else the client's present one.
	"""
	name_field, inn_field, kpp_field, ogrn_field, address_field = CLIENT_FIELDS[doctype]
	fields = [*filter(None, CLIENT_FIELDS[doctype]), *(["lead_name"] if doctype == "Lead" else [])]
	doc = _columns(doctype, name, fields)
	requisites = doctype == "Customer"
	return frappe._dict(
		name=title or doc.get(name_field) or doc.get("lead_name") or name,
		inn=(inn or doc.get(inn_field) or "") if requisites else "",
		kpp=(doc.get(kpp_field) or "") if requisites else "",
		ogrn=(doc.get(ogrn_field) or "") if requisites else "",
		address=address_line(
			address or (address_field and doc.get(address_field)) or linked_address(doctype, name)
		),
	)


def bank_of_company(company_name: str, currency: str | None = None) -> frappe._dict:
	"""The account payments go to: of the currency if there is one, the default before others. Empty values without any."""
	return _bank({"is_company_account": 1, "company": company_name}, currency)


def bank_of_customer(customer: str) -> frappe._dict:
	"""The customer's own account, for contracts. Empty values without any, no name where only the bank's BIC is known."""
	bank = _bank({"party_type": "Customer", "party": customer})
	if bank.bic and bank.bank_name == nameless(bank.bic):
		bank.bank_name = ""  # the BIC is printed below
	return bank


def address_line(name: str | None) -> str:
	"""An Address on one line in the Russian order: postal code, region, city, street.

	A street that is written with its region and city, as whole addresses are, is not given them a second time.
	"""
	columns = ["pincode", "state", "city", "address_line1", "address_line2"]
	parts = frappe.db.get_value("Address", name, columns) if name else None
	if not parts:
		return ""
	*place, line1, line2 = ((part or "").strip() for part in parts)
	written = {piece.strip() for piece in line1.split(",")}
	before = [part for part in place if part not in written]
	return ", ".join(dict.fromkeys(part for part in (*before, line1, line2) if part))


def linked_address(doctype: str, name: str) -> str | None:
	"""The Address linked to a document, primary before others; None without."""
	address, link = frappe.qb.DocType("Address"), frappe.qb.DocType("Dynamic Link")
	found = (
		frappe.qb.from_(address)
		.join(link)
		.on((link.parent == address.name) & (link.parenttype == "Address"))
		.where((link.link_doctype == doctype) & (link.link_name == name) & (address.disabled == 0))
		.select(address.name)
		.orderby(address.is_primary_address, order=frappe.qb.desc)
		.orderby(address.creation)
		.limit(1)
		.run()
	)
	return found[0][0] if found else None


def _columns(doctype: str, name: str, fields) -> frappe._dict:
	"""Some columns of a record as they are now, in one query: to load it takes one for each of its tables besides.

	:raises frappe.DoesNotExistError: there is no such record.
	"""
	found = frappe.db.get_value(doctype, name, list(fields), as_dict=True)
	if not found:
		frappe.get_doc(doctype, name)  # says so in Frappe's words
	return found


def _bank(filters: dict, currency: str | None = None) -> frappe._dict:
	# no rights are asked: whoever may print the document prints the payee's account with it
	account = frappe.qb.DocType("Bank Account")
	accounts = (
		frappe.qb.get_query(
			"Bank Account",
			filters={**filters, "disabled": 0},
			fields=["name", "account", "bank", "bank_account_no", "iban", "is_default"],
		)
		.orderby(account.is_default, order=frappe.qb.desc)
		.orderby(account.creation)
		.run(as_dict=True)
	)
	empty = frappe._dict(bank_name="", bic="", swift="", correspondent_account="", account="")
	if not accounts:
		return empty
	if currency:
		accounts.sort(key=lambda row: _currency_of(row.account) not in (currency, None))
	best = accounts[0]
	bank = _columns("Bank", best.bank, BANK_FIELDS)
	return empty.update(
		bank_name=bank.bank_name,
		bic=bank.get("rule24_bic") or "",
		swift=bank.get("swift_number") or "",
		correspondent_account=bank.get("rule24_correspondent_account") or "",
		account=best.bank_account_no or best.iban or "",
		is_default=cint(best.is_default),
	)


def _currency_of(account: str | None) -> str | None:
	return frappe.get_cached_value("Account", account, "account_currency") if account else None


def _own_image(url: str | None) -> str:
	"""An image of the company as a data URI.

	Read with the system's rights: whoever may print a document of the company prints it with its stamp, though only
	those who keep the company's record can open the file itself.
	"""
	if not url:
		return ""
	kind = mimetypes.guess_type(url)[0] or ""
	name = frappe.db.get_value("File", {"file_url": url}, "name")
	if not name or not kind.startswith("image/"):
		return ""
	try:
		return data_uri(frappe.get_doc("File", name).get_content(), kind)
	except OSError:
		frappe.logger("rule24_crm").warning("Image of the company is missing: %s", url)
		return ""
