"""Records for tests. Every factory takes keywords that win over its defaults and returns the inserted document."""

import itertools
from unittest.mock import patch

import frappe
from frappe.utils import nowdate

from rule24_crm.compat import cache

COMPANY = "Rule24 Demo"
_numbers = itertools.count(1)


def _unique(prefix: str) -> str:
	return f"{prefix} {frappe.generate_hash(length=6)}-{next(_numbers)}"


def _insert(defaults: dict, values: dict):
	return frappe.get_doc({**defaults, **values}).insert(ignore_permissions=True)


def make_user(roles: list[str] | tuple[str, ...] = ("Sales User",), **values):
	"""A system user with these roles; no welcome letter, no password."""
	email = values.pop("email", None) or f"user-{frappe.generate_hash(length=8)}@example.com"
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": email,
			"first_name": values.pop("first_name", "Test"),
			"last_name": values.pop("last_name", email.split("@")[0]),
			"send_welcome_email": 0,
			"enabled": 1,
			**values,
		}
	)
	user.extend("roles", [{"role": role} for role in roles])
	user.flags.no_welcome_mail = True
	# Frappe writes a default of the site here, unchanged, and so forgets every DocType: a test would load them all again
	with patch("frappe.core.doctype.user.user.ask_pass_update"):
		user.insert(ignore_permissions=True)
	if "System Manager" not in roles:
		# Frappe makes the first user of a site a System Manager
		frappe.db.delete("Has Role", {"parent": user.name, "role": "System Manager"})
		cache().hdel("roles", user.name)
		user.reload()
	return user


def _insert_party(defaults: dict, values: dict, owner_field: str):
	"""As `_insert`; an owner that is given as None means: nobody's, as records from elsewhere may be."""
	doc = _insert(defaults, values)
	if owner_field in values and not values[owner_field]:
		doc.db_set(owner_field, None, update_modified=False)
	return doc


def make_lead(**values):
	"""A Lead of a person at a company."""
	return _insert_party(
		{
			"doctype": "Lead",
			"first_name": _unique("Lead"),
			"company_name": _unique("Company"),
			"status": "Lead",
			"company": COMPANY,
		},
		values,
		"lead_owner",
	)


def make_prospect(**values):
	"""A Prospect: a company nobody has sold to yet."""
	return _insert_party(
		{"doctype": "Prospect", "company_name": _unique("Prospect"), "company": COMPANY},
		values,
		"prospect_owner",
	)


def make_customer(**values):
	"""A company that buys."""
	return _insert_party(
		{
			"doctype": "Customer",
			"customer_name": _unique("Customer"),
			"customer_type": "Company",
			"customer_group": frappe.db.get_value("Customer Group", {"is_group": 0}),
			"territory": frappe.db.get_value("Territory", {"is_group": 0}),
		},
		values,
		"account_manager",
	)


def make_contact(
	link_doctype: str | None = None,
	link_name: str | None = None,
	email: str | None = None,
	phone: str | None = None,
	**values,
):
	"""A person; linked to a record when one is given."""
	doc = frappe.get_doc({"doctype": "Contact", "first_name": _unique("Contact"), **values})
	if link_doctype:
		doc.append("links", {"link_doctype": link_doctype, "link_name": link_name})
	if email:
		doc.append("email_ids", {"email_id": email, "is_primary": 1})
	if phone:
		doc.append("phone_nos", {"phone": phone, "is_primary_mobile_no": 1})
	return doc.insert(ignore_permissions=True)


def make_item(**values):
	"""A service that is sold by the piece."""
	code = values.pop("item_code", None) or _unique("Item")
	return _insert(
		{
			"doctype": "Item",
			"item_code": code,
			"item_name": code,
			"item_group": frappe.db.get_value("Item Group", {"is_group": 0}),
			"stock_uom": "Nos",
			"is_stock_item": 0,
		},
		values,
	)


def make_opportunity(party=None, items: list[dict] | None = None, **values):
	"""A deal with a client (a new Customer unless `party`, a document, is given)."""
	party = party or make_customer()
	doc = frappe.get_doc(
		{
			"doctype": "Opportunity",
			"opportunity_from": party.doctype,
			"party_name": party.name,
			"company": COMPANY,
			"currency": "RUB",
			"conversion_rate": 1,
			**values,
		}
	)
	for item in items or []:
		doc.append("items", item)
	return doc.insert(ignore_permissions=True)


def make_work(client=None, **values):
	"""A planned call today; with `client`, the document of a Customer, Lead or Prospect, if given."""
	defaults = {"doctype": "Work", "action": "Call", "subject": _unique("Work"), "planned_on": nowdate()}
	if client:
		defaults.update(party_type=client.doctype, party=client.name)
	return _insert(defaults, values)


def make_action(results: list[dict] = (), **values):
	"""A Work Action of its own with these rows of Results, whose Work Results are made where missing."""
	for row in results:
		make_result(row["result"])
	doc = frappe.get_doc(
		{"doctype": "Work Action", "action_name": _unique("Action"), "kind": "Other", **values}
	)
	doc.extend("results", [{"effect": "None", **row} for row in results])
	return doc.insert(ignore_permissions=True)


def make_result(name: str):
	"""A Work Result of this name, made if missing."""
	if frappe.db.exists("Work Result", name):
		return frappe.get_doc("Work Result", name)
	return _insert({"doctype": "Work Result", "result_name": name}, {})


def make_stop_reason(writes_off: bool = False, **values):
	"""A Work Stop Reason."""
	return _insert(
		{"doctype": "Work Stop Reason", "reason": _unique("Reason"), "writes_off": int(writes_off)}, values
	)


def make_email_account(**values):
	"""The outgoing account of the site; nothing listens there, letters stay in the queue."""
	if existing := frappe.db.get_value("Email Account", {"default_outgoing": 1, "enable_outgoing": 1}):
		return frappe.get_doc("Email Account", existing)
	return _insert(
		{
			"doctype": "Email Account",
			"email_account_name": "Rule24 Test",
			"email_id": "crm@example.com",
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "127.0.0.1",
			"smtp_port": 9,
			"no_smtp_authentication": 1,
		},
		values,
	)


def make_campaign(**values):
	"""A Work Campaign that starts today with calls."""
	return _insert(
		{
			"doctype": "Work Campaign",
			"campaign_name": _unique("Campaign"),
			"first_action": "Call",
			"starts_on": nowdate(),
			"company": COMPANY,
			"status": "Draft",
		},
		values,
	)


def make_segment(name: str | None = None) -> str:
	"""A Market Segment; returns its name."""
	return _insert({"doctype": "Market Segment", "market_segment": name or _unique("Segment")}, {}).name


def make_account_manager(user: str | None = None, segments: list[str] = (), **values):
	"""A user with the role Sales User in the register of account managers, with these segments."""
	user = user or make_user().name
	doc = frappe.get_doc({"doctype": "Account Manager", "user": user, "active": 1, **values})
	doc.extend("segments", [{"segment": segment} for segment in segments])
	return doc.insert(ignore_permissions=True)


def make_handover(from_user: str, receivers: list, **values):
	"""A draft handover; `receivers` are users (equal parts) or rows of the table."""
	doc = frappe.get_doc({"doctype": "Client Handover", "from_user": from_user, **values})
	doc.extend("receivers", [{"user": row} if isinstance(row, str) else row for row in receivers])
	return doc.insert(ignore_permissions=True)


def make_distribution_rule(conditions: list[tuple[str, str, str]] = (), managers: list[str] = (), **values):
	"""A rule for leads, with conditions (field, operator, value), among these managers by turn."""
	doc = frappe.get_doc(
		{
			"doctype": "Distribution Rule",
			"title": _unique("Rule"),
			"for_lead": 1,
			"give_to": "Listed Managers" if managers else "Managers of the Segment",
			"choose_by": "Turn",
			**values,
		}
	)
	for field, operator, value in conditions:
		doc.append("conditions", {"field": field, "operator": operator, "value": value})
	doc.extend("managers", [{"manager": manager} for manager in managers])
	return doc.insert(ignore_permissions=True)


def make_supplier(**values):
	"""A company that we buy from."""
	return _insert(
		{
			"doctype": "Supplier",
			"supplier_name": _unique("Supplier"),
			"supplier_group": frappe.db.get_value("Supplier Group", {"is_group": 0}),
		},
		values,
	)


def make_competitor(**values):
	"""A company that sells what we sell."""
	return _insert({"doctype": "Competitor", "competitor_name": _unique("Competitor")}, values)


def make_relation_kind(reverse: str = "", between: str = "Any", **values):
	"""A kind of relation of its own; without `reverse` it has one name for both ends."""
	return _insert(
		{
			"doctype": "Partner Relation Kind",
			"kind_name": _unique("Kind"),
			"reverse_name": reverse,
			"between": between,
		},
		values,
	)


def make_relation(first, second, kind: str = "Partner", **values):
	"""A relation between two sides, each a document or a name only; `kind` says what the first is to the second."""
	sides = {}
	for side, end in (("from", first), ("to", second)):
		if isinstance(end, str):
			sides[f"{side}_title"] = end
		else:
			sides.update({f"{side}_type": end.doctype, f"{side}_party": end.name})
	return _insert({"doctype": "Partner Relation", "kind": kind, **sides}, values)
