"""Requisites: what an invoice or contract needs to know of both sides, and whether it is right.

The seller's country decides. For Russia the rules are those of `parties/identity/numbers.py`. Elsewhere nothing is asked for, and a tax number that is given is checked where `python-stdnum` knows the country's rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import cint

from rule24_crm.compat import single_value
from rule24_crm.exceptions import RequisitesError
from rule24_crm.parties import banks, entry
from rule24_crm.parties.identity.countries import RUSSIA
from rule24_crm.parties.identity.numbers import (
	INDIVIDUAL as INDIVIDUAL_KIND,
)
from rule24_crm.parties.identity.numbers import (
	LEGAL_ENTITY,
	SOLE_PROPRIETOR,
	account_problem,
	bic_problem,
	clean,
	inn_problem,
	kpp_problem,
	ogrn_problem,
	tax_id_problem,
)
from rule24_crm.parties.kinds import OWNER_FIELD

COMPANY, INDIVIDUAL = "Company", "Individual"
CONTRACT = "Contract"

#: key of the values -> (label, field of a Customer, field of a Lead or Prospect)
FIELDS = {
	"tax_id": ("INN", "tax_id", "rule24_tax_id"),
	"kpp": ("KPP", "rule24_kpp", "rule24_kpp"),
	"ogrn": ("OGRN", "rule24_ogrn", "rule24_ogrn"),
	"bank_account": ("Bank Account No", None, "rule24_bank_account"),
	"bic": ("BIC", None, "rule24_bic"),
}
#: kind of client -> the columns that documents are made from, beside its owner
COLUMNS = {
	"Customer": ("customer_name", "customer_type", "tax_id", "rule24_kpp", "rule24_ogrn"),
	"Lead": ("company_name", "lead_name", *(own for _label, _customer_field, own in FIELDS.values())),
	"Prospect": ("company_name", *(own for _label, _customer_field, own in FIELDS.values())),
}


@dataclass
class Requisites:
	"""What is known of one side of a document."""

	doctype: str
	name: str
	title: str
	kind: str = COMPANY
	tax_id: str = ""
	kpp: str = ""
	ogrn: str = ""
	bank_account: str = ""
	bic: str = ""
	director: str = ""
	#: where each value is kept, for messages: key -> words
	where: dict = field(default_factory=dict)

	@property
	def is_person(self) -> bool:
		"""A sole proprietor or an individual."""
		return self.kind == INDIVIDUAL or len(self.tax_id) == 12


def of_party(party_type: str, party: str) -> Requisites:
	"""Requisites of a client: Customer, Lead or Prospect."""
	return of_document(row(party_type, party))


def row(party_type: str, party: str) -> frappe._dict:
	"""What documents need to know of a client, in one query: to load it takes one for each of its tables besides.

	:raises frappe.DoesNotExistError: there is no such client.
	"""
	columns = ["name", OWNER_FIELD[party_type], *COLUMNS[party_type]]
	found = frappe.db.get_value(party_type, party, columns, as_dict=True)
	if not found:
		frappe.get_doc(party_type, party)  # says so in Frappe's words
	return found.update(doctype=party_type)


def of_document(doc) -> Requisites:
	"""As `of_party`, of a client that is loaded already, or of its `row`."""
	party_type, party = doc.doctype, doc.name
	if party_type == "Customer":
		bank = bank_account({"party_type": "Customer", "party": party})
		return Requisites(
			party_type,
			party,
			doc.customer_name,
			kind=INDIVIDUAL if doc.customer_type == INDIVIDUAL else COMPANY,
			tax_id=clean(doc.tax_id),
			kpp=clean(doc.rule24_kpp),
			ogrn=clean(doc.rule24_ogrn),
			bank_account=bank.bank_account_no or "",
			bic=bank.bic or "",
		)
	is_company = party_type == "Prospect" or bool(doc.company_name)
	return Requisites(
		party_type,
		party,
		doc.company_name or doc.get("lead_name") or party,
		kind=COMPANY if is_company else INDIVIDUAL,
		tax_id=clean(doc.rule24_tax_id),
		kpp=clean(doc.rule24_kpp),
		ogrn=clean(doc.rule24_ogrn),
		bank_account=clean(doc.rule24_bank_account),
		bic=clean(doc.rule24_bic),
	)


def of_company(company: str) -> Requisites:
	"""Requisites of our own company."""
	doc = frappe.get_cached_doc("Company", company)
	bank = bank_account({"is_company_account": 1, "company": company})
	return Requisites(
		"Company",
		company,
		doc.company_name,
		tax_id=clean(doc.tax_id),
		kpp=clean(doc.rule24_kpp),
		ogrn=clean(doc.rule24_ogrn),
		bank_account=bank.bank_account_no or "",
		bic=bank.bic or "",
		director=(doc.rule24_director or "").strip(),
	)


def bank_account(filters: dict) -> frappe._dict:
	"""The default Bank Account that matches, with the BIC of its bank; empty values without any."""
	account = frappe.qb.DocType("Bank Account")  # goes into a document of the deal the caller has been let at
	rows = (
		frappe.qb.get_query(
			"Bank Account", filters={**filters, "disabled": 0}, fields=["name", "bank", "bank_account_no"]
		)
		.orderby(account.is_default, order=frappe.qb.desc)
		.orderby(account.creation)
		.limit(1)
		.run(as_dict=True)
	)
	if not rows:
		return frappe._dict(name=None, bank=None, bank_account_no="", bic="")
	row = rows[0]
	row.bank_account_no = clean(row.bank_account_no)
	row.bic = clean(frappe.get_cached_value("Bank", row.bank, "rule24_bic"))
	return row


def check(client, company: str, documents: tuple[str, ...] | list[str]) -> None:
	"""Refuse documents whose requisites are missing or wrong, unless the settings say not to look.

	:param client: the Customer, Lead or Prospect, a document or its `row`.
	:param documents: which are to be made: "Invoice", "Contract". A contract also needs the client's bank account.
	:raises RequisitesError: the message lists everything, with where to fill it.
	"""
	if not cint(single_value("Rule24 CRM Settings", "check_requisites")):
		return
	contract = CONTRACT in documents
	found = [
		(ours := of_company(company), problems(ours, company, bank=True, director=contract)),
		(theirs := of_document(client), problems(theirs, company, bank=contract)),
	]
	if not any(words for _side, words in found):
		return
	message = _("The documents cannot be issued: requisites are missing or wrong.")
	for side, words in found:
		if words:
			message += (
				f"<p>{_place(side)}</p><ul>"
				+ "".join(f"<li>{each}</li>" for each in words.values())
				+ "</ul>"
			)
	frappe.throw(message, RequisitesError, title=_("Requisites"))


def asked(party_type: str, party: str, company: str) -> dict:
	"""The client's requisites for a form, with what is wrong about each; our own problems as words.

	:return: `{"requisites": [{"key", "label", "value", "problem"}...], "company_problems": [words...]}`.
	"""
	if not cint(single_value("Rule24 CRM Settings", "check_requisites")):
		return {"requisites": [], "company_problems": []}
	side = of_party(party_type, party)
	wrong = problems(side, company, bank=True)
	ours = problems(of_company(company), company, bank=True, director=True)
	return {
		"requisites": [
			{"key": key, "label": _(label), "value": getattr(side, key), "problem": wrong.get(key)}
			for key, (label, _customer_field, _field) in FIELDS.items()
		],
		"company_problems": list(ours.values()),
	}


def problems(side: Requisites, company: str, *, bank: bool, director: bool = False) -> dict[str, str]:
	"""What is missing or wrong.

	:param company: the seller: its country decides the rules.
	:param bank: whether account and BIC are needed too.
	:param director: whether the one who signs is needed too.
	:return: key of `FIELDS` (or "director") -> words, translated.
	"""
	country = frappe.get_cached_value("Company", company, "country")
	if country != RUSSIA:
		return _problems_abroad(side, country)
	found = {}
	if side.kind == COMPANY or side.tax_id:
		found.update(_tax_problems(side))
	if bank and side.kind == COMPANY:
		found.update(_bank_problems(side))
	if director and not side.director:
		found["director"] = _missing(_("Director"))
	return found


def save(party_type: str, party: str, values: dict) -> None:
	"""Write requisites a manager was asked for to the client.

	:param values: keys of `FIELDS`; empty ones are passed over.
	:raises RequisitesError: an unknown key, or a value that breaks its rule.
	:raises frappe.PermissionError: the user may not write the client.
	"""
	unknown = [key for key in values if key not in FIELDS]
	if unknown:
		frappe.throw(
			_("Unknown requisites: {0}.").format(", ".join(map(frappe.bold, unknown))), RequisitesError
		)
	given = {key: clean(value) for key, value in values.items() if clean(value)}
	if not given:
		return
	doc = frappe.get_doc(party_type, party)
	doc.check_permission("write")  # a bank account alone does not save the client
	column = 1 if party_type == "Customer" else 2
	fields = {FIELDS[key][column]: value for key, value in given.items() if FIELDS[key][column]}
	if fields:
		doc.update(fields)
		if wrong := entry.requisites_problems(party_type, doc):
			frappe.throw("<br>".join(map(frappe.utils.escape_html, wrong.values())), RequisitesError)
		doc.save()
	if party_type == "Customer" and (given.get("bank_account") or given.get("bic")):
		_correct_account(party, given.get("bank_account"), given.get("bic"))


def _correct_account(customer: str, number: str | None, bic: str | None) -> None:
	"""A manager is asked for the account, the BIC or both; what is not given stays as it is."""
	known = bank_account({"party_type": "Customer", "party": customer})
	number, named = number or known.bank_account_no, "" if known.bic else known.bank or ""
	if not number:
		return
	name = banks.make_account(customer, number, bic or known.bic, named)
	if not name:
		frappe.throw(_("In which bank is this account? Give the BIC of the bank."), RequisitesError)
	if (
		bic
		and clean(
			frappe.db.get_value("Bank", frappe.db.get_value("Bank Account", name, "bank"), "rule24_bic")
		)
		!= bic
	):
		doc = frappe.get_doc("Bank Account", name)
		doc.bank = banks.bank_of(bic, named)
		doc.save(ignore_permissions=True)  # the right to write the client covers its account


# -- problems -----------------------------------------------------------------------------------------------------------


def _tax_problems(side: Requisites) -> dict[str, str]:
	found = {}
	if not side.tax_id:
		found["tax_id"] = _missing(_("INN"))
	else:
		found["tax_id"] = inn_problem(side.tax_id, INDIVIDUAL_KIND if side.kind == INDIVIDUAL else None)
	if side.is_person:
		if side.kpp:
			found["kpp"] = _("{0}: a sole proprietor or individual has none, clear it").format(_("KPP"))
	elif not side.kpp:
		found["kpp"] = _missing(_("KPP"))
	else:
		found["kpp"] = kpp_problem(side.kpp)
	found["ogrn"] = ogrn_problem(side.ogrn, SOLE_PROPRIETOR if side.is_person else LEGAL_ENTITY)
	return _escaped(found)


def _bank_problems(side: Requisites) -> dict[str, str]:
	return _escaped(
		{
			"bic": bic_problem(side.bic) if side.bic else _missing(_("BIC")),
			"bank_account": account_problem(side.bank_account, side.bic)
			if side.bank_account
			else _missing(_("Bank Account No")),
		}
	)


def _problems_abroad(side: Requisites, country: str | None) -> dict[str, str]:
	code = country and frappe.db.get_value("Country", country, "code")
	return _escaped({"tax_id": tax_id_problem(side.tax_id, code)})


def _escaped(found: dict[str, str]) -> dict[str, str]:
	"""The problems there are, fit for a page: values in them were typed by people."""
	return {key: frappe.utils.escape_html(words) for key, words in found.items() if words}


def _missing(label: str) -> str:
	return _("{0}: not filled").format(label)


def _place(side: Requisites) -> str:
	"""Where to fill what is missing."""
	title = frappe.bold(frappe.utils.escape_html(side.title))
	if side.doctype == "Company":
		return _(
			"{0}, our company: in its record, the account in a Bank Account of the company, the BIC in its Bank"
		).format(title)
	if side.doctype == "Customer":
		return _("{0}, customer: in its record, the account in its Bank Account, the BIC in its Bank").format(
			title
		)
	return _("{0}, {1}: in the section Requisites, or in the window Issue Documents").format(
		title, _(side.doctype)
	)
