"""Clients of every kind in every relation to one manager, with what belongs to them: the scene of the access tests."""

import frappe
from frappe.utils import nowdate

from rule24_crm.parties.access import forget
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES
from rule24_crm.tests import factories as make

#: how a client stands to the manager; "subsegment" and "subshared" are seen by the subordinate, hence by the manager
RELATIONS = ("own", "subordinate", "segment", "subsegment", "shared", "subshared", "foreign")
#: what ERPNext issues to a client, where this runtime has it
PAPERS = ("Quotation", "Sales Order", "Sales Invoice", "Contract")
#: of documents that are submitted, beside reading
RIGHTS = ("write", "create", "submit", "cancel", "delete", "print", "email", "share", "export", "report")
WORD = "Zephyrine"  # a word that occurs in no other test


class Scene:
	"""People, and records by DocType and relation: `scene.records["Work"]["own"]` is a name."""

	def __init__(self):
		self.manager = make.make_user().name
		self.subordinate = make.make_user().name
		self.other = make.make_user().name
		self.outsider = make.make_user().name  # has deals and works with everybody's clients
		self.head = make.make_user(["Sales Manager", "Sales User"]).name
		self.admin = make.make_user(["CRM Administrator", "Sales User"]).name
		self.system = make.make_user(["System Manager", "Sales User"]).name
		self.accountant = make.make_user(["Accounts User"]).name
		self.segment, self.subsegment = make.make_segment(), make.make_segment()
		make.make_account_manager(self.head)
		make.make_account_manager(self.manager, segments=[self.segment], reports_to=self.head)
		make.make_account_manager(self.subordinate, segments=[self.subsegment], reports_to=self.manager)
		make.make_account_manager(self.other)
		self.campaign = make.make_campaign().name
		self.item = make.make_item().name
		self.records: dict[str, dict[str, str]] = {}
		for relation in RELATIONS:
			for kind in PARTY_TYPES:
				self._client(kind, relation)
		forget()

	def _note(self, doc, relation: str) -> None:
		self.records.setdefault(doc.doctype, {})[relation] = doc.name

	def _client(self, kind: str, relation: str) -> None:
		owner = {"own": self.manager, "subordinate": self.subordinate}.get(relation, self.other)
		segments = {"segment": [self.segment], "subsegment": [self.subsegment]}.get(relation, [])
		shared = {"shared": [self.manager], "subshared": [self.subordinate]}.get(relation, [])
		party = getattr(make, f"make_{kind.lower()}")(
			**{OWNER_FIELD[kind]: owner},
			**_title(kind, relation),
			segments=[{"segment": segment} for segment in segments],
			rule24_participants=[{"user": user} for user in shared],
		)
		self._note(party, relation)
		if kind == "Lead":  # what belongs to a client: once is enough, the kinds are alike
			self._belongings(party, relation)
		if kind == "Customer":
			for doctype in papers():
				self._note(_paper(doctype, party.name, self.item), relation)

	def _belongings(self, party, relation: str) -> None:
		self._note(make.make_contact(party.doctype, party.name, first_name=f"{WORD} {relation}"), relation)
		self._note(_address(party), relation)
		deal = make.make_opportunity(party, opportunity_owner=self.outsider)
		self._note(deal, relation)
		self._note(make.make_work(party, assigned_to=self.outsider, subject=f"{WORD} {relation}"), relation)
		change = frappe.db.get_value("Deal Stage Change", {"opportunity": deal.name})
		self.records.setdefault("Deal Stage Change", {})[relation] = change
		member = {"campaign": self.campaign, "party_type": party.doctype, "party": party.name}
		self._note(frappe.get_doc({"doctype": "Work Campaign Member", **member}).insert(), relation)


def papers() -> list[str]:
	"""Those of `PAPERS` that there are."""
	return [doctype for doctype in PAPERS if frappe.db.exists("DocType", doctype)]


def let_managers_have_papers() -> None:
	"""ERPNext lets a Sales User read neither invoices nor contracts; here the administrator has given all rights."""
	for doctype in ("Sales Invoice", "Contract"):
		frappe.permissions.add_permission(doctype, "Sales User", 0)
		rights = dict.fromkeys(RIGHTS, 1)
		at = {"parent": doctype, "role": "Sales User", "permlevel": 0}
		frappe.db.set_value("Custom DocPerm", at, rights)  # one by one, each is checked against all others
		frappe.clear_cache(doctype=doctype)


def _paper(doctype: str, customer: str, item: str):
	"""A draft."""
	if doctype == "Contract":
		values = {"party_type": "Customer", "party_name": customer, "contract_terms": WORD}
		return frappe.get_doc({"doctype": doctype, **values}).insert()
	row = {"item_code": item, "qty": 1, "rate": 100, "uom": "Nos", "conversion_factor": 1}
	party = (
		{"quotation_to": "Customer", "party_name": customer}
		if doctype == "Quotation"
		else {"customer": customer}
	)
	return frappe.get_doc(
		{
			"doctype": doctype,
			"company": make.COMPANY,
			"currency": "RUB",
			"conversion_rate": 1,
			"transaction_date": nowdate(),
			"delivery_date": nowdate(),
			"due_date": nowdate(),
			"items": [row],
			**party,
		}
	).insert()


def _title(kind: str, relation: str) -> dict:
	title = f"{WORD} {relation} {frappe.generate_hash(length=6)}"
	if kind == "Lead":
		return {"first_name": title, "company_name": title}
	return {"customer_name" if kind == "Customer" else "company_name": title}


def _address(party):
	return frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": f"{WORD} {party.name}",
			"address_type": "Billing",
			"address_line1": "Street 1",
			"city": "Town",
			"country": "Russian Federation",
			"links": [{"link_doctype": party.doctype, "link_name": party.name}],
		}
	).insert()
