"""From interest to deal: a Prospect becomes a Lead, a Lead becomes a deal or joins one that is open.

ERPNext's own mappers make the records; what belongs to the client comes along: contacts (never a second one of the same
person), addresses, notes, letters and comments as CRM Settings say, and open works.
"""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import flt, nowdate

from rule24_crm.compat import campaign_values, crm_util, mapper
from rule24_crm.deals import contacts
from rule24_crm.exceptions import ConversionError, ConversionNotPermittedError
from rule24_crm.locking import documents_of, find, lock, take_row, touch
from rule24_crm.parties import chain, participants, segments
from rule24_crm.parties.company import default_company
from rule24_crm.parties.kinds import OWNER_FIELD, check_kind, responsible, titles
from rule24_crm.parties.live import CLOSED_DEALS as CLOSED_STATUSES
from rule24_crm.parties.managers import is_active
from rule24_crm.parties.registry import service as registry
from rule24_crm.work import links

#: fields of the deal that follow from the conversion itself
NOT_FROM_VALUES = {
	"opportunity_from", "party_name", "customer_name", "status", "lost_reasons", "order_lost_reason", "competitors",
	"amended_from", "rule24_stage_since", "naming_series",
}  # fmt: skip
KNOWLEDGE = (
	"rule24_potential",
	"rule24_reaction",
	"rule24_obligations",
	"rule24_satisfaction",
	"rule24_preferences",
)
REQUISITES = ("rule24_tax_id", "rule24_kpp", "rule24_ogrn", "rule24_bank_account", "rule24_bic")


def create_lead(
	party_type: str,
	party: str,
	*,
	contact: str | None = None,
	campaign: str | None = None,
	owner: str | None = None,
) -> tuple[str, str]:
	"""The client has shown interest.

	:param contact: the person who did, if known.
	:param campaign: the Work Campaign this comes from.
	:param owner: the responsible user where the client has none yet.
	:return: the record the client goes on as: a Prospect as a new Lead (once), a Lead as itself with the status
		"Interested", a Customer as itself.
	"""
	found = interest(party_type, party, contact=contact, campaign=campaign, owner=owner)
	return found["party_type"], found["party"]


def interest(
	party_type: str,
	party: str,
	*,
	contact: str | None = None,
	campaign: str | None = None,
	owner: str | None = None,
) -> dict:
	"""As `create_lead`.

	:return: `{"party_type", "party"}`; with `segment`, the primary one or None, of a Lead whose row has been read.
	"""
	if check_kind(party_type) == "Lead":  # its row says whether the client goes on as another record
		row = _take_lead(party)
		if not row.rule24_successor:
			return _mark_interested(row)
		party_type, party = row.rule24_successor_type, row.rule24_successor
	party_type, party = chain.successor(party_type, party)
	if party_type == "Customer":
		return {"party_type": party_type, "party": party}
	if party_type == "Lead":
		return _mark_interested(_take_lead(party))
	prospect = lock("Prospect", party)
	if prospect.rule24_successor:  # somebody was faster
		return interest(prospect.rule24_successor_type, prospect.rule24_successor, contact=contact)
	return {"party_type": "Lead", "party": _lead_from_prospect(prospect, contact, campaign, owner).name}


def _take_lead(name: str):
	return take_row("Lead", name, _("The lead {0} does not exist.").format(frappe.bold(name)))


def _mark_interested(row) -> dict:
	"""A lead nobody has heard of yet, or that has only answered, is interested now; any other status says more.

	:param row: the lead's row, locked.
	:return: as `interest`.
	"""
	if row.status in ("Lead", "Open", "Replied"):
		lead, stored = documents_of("Lead", row)
		# notifications compare with it; Frappe has no way to hand it to `db_set`, which would read it anew
		lead._doc_before_save = stored
		lead.db_set("status", "Interested")
	return {"party_type": "Lead", "party": row.name, "segment": row.market_segment}


def convert_lead(lead: str, opportunity: str | None = None, values: dict | None = None) -> dict:
	"""Turn a Lead into a deal, or attach it to one that is open. The Lead is closed.

	:param lead: name of the Lead.
	:param opportunity: name of an open deal of the same client; without it, the Lead's own open deal is returned if there
		is one, else a deal is made.
	:param values: field values of the new deal (not of an attached one); `rule24_work_campaign` fills items, company and
		process from that campaign.
	:return: `{"opportunity", "lead", "created"}`.
	:raises ConversionError: the Lead is closed or disabled; the deal is not open or belongs to another client.
	:raises ConversionNotPermittedError: the user may not write the Lead or create a deal.
	"""
	doc = lock("Lead", lead)
	if not doc.has_permission("write"):
		_refuse_right(_("change the lead {0}").format(frappe.bold(doc.title or doc.name)))
	if opportunity:
		return _attach(doc, opportunity)
	current = _current_deal(doc)
	if current:
		if not doc.flags.rule24_stale:  # else somebody has just done it all
			_finish(doc, current)
		return {"opportunity": current, "lead": doc.name, "created": False}
	_refuse_unfit(doc)
	deal = _new_deal("lead_to_opportunity", doc, values or {})
	contact = _ensure_contact(doc)
	deal.contact_person = deal.contact_person or contact
	deal.insert()
	_finish(doc, deal.name)
	return {"opportunity": deal.name, "lead": doc.name, "created": True}


def convert_party(
	party_type: str,
	party: str,
	*,
	campaign: str | None = None,
	owner: str | None = None,
	values: dict | None = None,
) -> str:
	"""Open a deal with a client, or take the one that is open.

	A Customer may have several deals side by side: with a campaign, only the open deal of that campaign is taken.

	:param campaign: Work Campaign, from which items, company and process come.
	:param owner: the deal's owner where the client has no responsible manager.
	:param values: field values of a new deal.
	:return: name of the Opportunity.
	:raises ConversionError: see `convert_lead`.
	"""
	values = {**({"rule24_work_campaign": campaign} if campaign else {}), **(values or {})}
	party_type, party = chain.successor(check_kind(party_type), party)
	if owner and not is_active(responsible(party_type, party)):
		values.setdefault("opportunity_owner", owner)
	if party_type == "Lead":
		return convert_lead(party, values=values)["opportunity"]
	doc = lock(party_type, party)
	filters = {"opportunity_from": party_type, "party_name": party, "status": ("not in", CLOSED_STATUSES)}
	if party_type == "Customer" and campaign:
		filters["rule24_work_campaign"] = campaign
	found = find(doc, "Opportunity", filters, order_by="creation desc")
	if not found:
		_refuse_unfit(doc)
		deal = _new_deal("prospect_to_opportunity" if party_type == "Prospect" else None, doc, values)
		people = contacts.of(party_type, party)
		deal.contact_person = deal.contact_person or (people[0] if people else None)
		deal.insert()
		for person in people:
			contacts.link(person, "Opportunity", deal.name)
		found = [deal.name]
		touch(doc)
	links.move(party_type, party, party_type, party, opportunity=found[0])
	return found[0]


def open_deals(lead: str) -> list[dict]:
	"""Open deals that a Lead may be attached to: its own and those of the same client under other records.

	:return: rows with name, title, status, sales_stage, opportunity_amount, currency, opportunity_owner, party,
		newest first; only deals the user may read.
	"""
	parties = same_client(frappe.get_doc("Lead", lead))
	rows = frappe.get_list(
		"Opportunity",
		filters={"party_name": ("in", [name for _kind, name in parties]), "status": ("not in", CLOSED_STATUSES)},
		fields=[
			"name", "title", "status", "sales_stage", "opportunity_amount", "total", "currency", "opportunity_owner",
			"opportunity_from", "party_name", "customer_name",
		],
		order_by="creation desc",
	)  # fmt: skip
	return [row for row in rows if (row.opportunity_from, row.party_name) in parties]


def same_client(lead) -> list[tuple[str, str]]:
	"""All records that are the same client as a Lead: its chain, the Prospect and Customer ERPNext links it with, and
	records that share a Contact (by e-mail or phone) or the company's name."""
	found = chain.lineage("Lead", lead.name)
	more = [
		("Prospect", name) for name in frappe.get_all("Prospect Lead", {"lead": lead.name}, pluck="parent")
	]
	more += [
		("Customer", name) for name in frappe.get_all("Customer", {"lead_name": lead.name}, pluck="name")
	]
	if lead.customer:
		more.append(("Customer", lead.customer))
	if lead.company_name:
		for kind, field in (
			("Customer", "customer_name"),
			("Prospect", "company_name"),
			("Lead", "company_name"),
		):
			more += [
				(kind, name)
				for name in frappe.get_all(kind, {field: lead.company_name}, pluck="name", limit=20)
			]
	for contact in _people(lead):
		more += [
			(row.link_doctype, row.link_name)
			for row in frappe.get_all(
				"Dynamic Link",
				{
					"parenttype": "Contact",
					"parent": contact,
					"link_doctype": ("in", ("Customer", "Lead", "Prospect")),
				},
				["link_doctype", "link_name"],
			)
		]
	for each in more:
		if each not in found:
			found += [record for record in chain.lineage(*each) if record not in found]
	return found


# -- the deal ----------------------------------------------------------------------------------------------------------


def _new_deal(map_name: str | None, doc, values: dict):
	"""An unsaved Opportunity for the client, filled from the campaign and `values`."""
	_check_values(values)
	if not frappe.has_permission("Opportunity", "create"):
		_refuse_right(_("create a deal"))
	if map_name:
		deal = mapper(map_name)(doc.name)
	else:
		deal = frappe.new_doc("Opportunity")
	deal.update({"opportunity_from": doc.doctype, "party_name": doc.name})
	campaign = values.get("rule24_work_campaign")
	if campaign:
		_fill_from_campaign(deal, campaign)
	participants.carry(doc, deal)
	segments.carry(doc, deal)
	# without one who is active, the deal is given out as any other new one
	owners = (doc.get(OWNER_FIELD[doc.doctype]), deal.opportunity_owner)
	deal.opportunity_owner = next(filter(is_active, owners), None)
	deal.update(values)
	deal.company = values.get("company") or deal.company or doc.get("company") or default_company()
	if not deal.company:
		frappe.throw(
			_("It is not known which company sells. Choose it in {0}.").format(
				frappe.bold(_("Rule24 CRM Settings"))
			),
			ConversionError,
		)
	deal.currency = values.get("currency") or frappe.get_cached_value(
		"Company", deal.company, "default_currency"
	)
	if not values.get("sales_stage"):
		deal.sales_stage = None
	if not flt(deal.opportunity_amount):
		deal.opportunity_amount = sum(flt(row.qty) * flt(row.rate) for row in deal.items)
	return deal


def _fill_from_campaign(deal, campaign: str) -> None:
	if not frappe.db.exists("Work Campaign", campaign):
		frappe.throw(_("There is no work campaign {0}.").format(frappe.bold(campaign)), ConversionError)
	source = frappe.get_cached_doc("Work Campaign", campaign)
	deal.update(
		{
			"rule24_work_campaign": campaign,
			"company": source.company or deal.company,
			"rule24_sales_process": source.sales_process or deal.rule24_sales_process,
			**campaign_values("Opportunity", source.erpnext_campaign),
		}
	)
	for row in source.items:
		deal.append(
			"items",
			{
				"item_code": row.item_code,
				"item_name": row.item_name,
				"qty": row.qty or 1,
				"rate": row.rate,
				"uom": frappe.get_cached_value("Item", row.item_code, "stock_uom") if row.item_code else None,
			},
		)


def _check_values(values: dict) -> None:
	""":raises ConversionError: a key is not a field of a deal that a user may give."""
	meta = frappe.get_meta("Opportunity")
	wrong = [key for key in values if key in NOT_FROM_VALUES or not meta.has_field(key)]
	if wrong:
		frappe.throw(
			_("A new deal cannot be given these values: {0}.").format(
				", ".join(frappe.bold(key) for key in wrong)
			),
			ConversionError,
		)
	for table in ("items", "notes"):
		if table in values and not isinstance(values[table], list):
			frappe.throw(
				_("{0} must be a list of rows.").format(frappe.bold(_(meta.get_label(table)))),
				ConversionError,
			)


# -- the lead ----------------------------------------------------------------------------------------------------------


def _current_deal(lead) -> str | None:
	"""The open deal the Lead has become already."""
	kind, name = ("Lead", lead.name)
	if lead.rule24_successor:
		kind, name = chain.successor("Lead", lead.name)
	found = find(
		lead,
		"Opportunity",
		{"opportunity_from": kind, "party_name": name, "status": ("not in", CLOSED_STATUSES)},
		order_by="creation desc",
	)
	return found[0] if found else None


def _refuse_unfit(doc) -> None:
	"""Nobody opens a deal with a client that is gone."""
	title = frappe.bold(titles(doc.doctype, [doc.name]).get(doc.name, doc.name))
	if doc.get("rule24_successor"):
		frappe.throw(
			_("{0} goes on as {1} {2}. Open the deal there.").format(
				title, _(doc.rule24_successor_type), frappe.bold(doc.rule24_successor)
			),
			ConversionError,
			title=_("Converted Already"),
		)
	if doc.get("disabled"):
		frappe.throw(_("{0} is disabled. Enable it before opening a deal.").format(title), ConversionError)
	if doc.doctype == "Lead" and doc.status in ("Converted", "Do Not Contact"):
		frappe.throw(
			_("The lead {0} is closed with the status {1}. Set another status before opening a deal.").format(
				title, frappe.bold(_(doc.status))
			),
			ConversionError,
			title=_("Lead Is Closed"),
		)


def _attach(lead, opportunity: str) -> dict:
	if not frappe.db.exists("Opportunity", opportunity):
		frappe.throw(_("There is no deal {0}.").format(frappe.bold(opportunity)), ConversionError)
	deal = lock("Opportunity", opportunity)
	if not deal.has_permission("write"):
		_refuse_right(_("change the deal {0}").format(frappe.bold(deal.title or deal.name)))
	party = (deal.opportunity_from, deal.party_name)
	if party not in same_client(lead):
		frappe.throw(
			_("The deal {0} belongs to another client: {1}.").format(
				frappe.bold(deal.title or deal.name), frappe.bold(deal.customer_name or deal.party_name)
			),
			ConversionError,
			title=_("Another Client"),
		)
	if deal.status in CLOSED_STATUSES:
		frappe.throw(
			_("The deal {0} is not open: {1}. Choose an open one or make a new one.").format(
				frappe.bold(deal.title or deal.name), frappe.bold(_(deal.status))
			),
			ConversionError,
			title=_("Deal Is Not Open"),
		)
	result = {"opportunity": deal.name, "lead": lead.name, "created": False}
	already = party == ("Lead", lead.name) or (lead.rule24_successor_type, lead.rule24_successor) == party
	if already:
		if not lead.flags.rule24_stale:
			_finish(lead, deal.name)
		return result
	_refuse_unfit(lead)
	_bring_along(lead, deal)
	contacts.carry("Lead", lead.name, *party)
	_finish(lead, deal.name)
	chain.continue_as("Lead", lead.name, *party)
	links.move("Lead", lead.name, *party, opportunity=deal.name)
	return result


def _bring_along(lead, deal) -> None:
	"""Notes, open tasks and events, letters and comments: what ERPNext does for a deal made from a Lead."""
	for row in lead.get("notes") or []:
		deal.append("notes", {"note": row.note, "added_by": row.added_by, "added_on": row.added_on})
	participants.carry(lead, deal)
	if lead.get("notes") or participants.of(lead):
		deal.save()
	crm_util("link_open_tasks")("Lead", lead.name, deal)
	crm_util("link_open_events")("Lead", lead.name, deal)
	if frappe.db.get_single_value("CRM Settings", "carry_forward_communication_and_comments"):
		crm_util("copy_comments")("Lead", lead.name, deal)
		crm_util("link_communications")("Lead", lead.name, deal)


def _finish(lead, opportunity: str) -> None:
	"""The Lead is closed as qualified; its people and open works have the deal. Harmless when done already."""
	status = frappe.db.get_value("Lead", lead.name, "status")
	values = {
		"status": "Converted" if status == "Converted" else "Opportunity",
		"qualification_status": "Qualified",
	}
	if not lead.qualified_by:
		values.update(qualified_by=frappe.session.user, qualified_on=nowdate())
	if any(lead.get(field) != value for field, value in values.items()):
		lead.db_set(values)
	elif status != values["status"]:
		lead.db_set("status", values["status"])
	for person in contacts.of("Lead", lead.name):
		contacts.link(person, "Opportunity", opportunity)
	links.move("Lead", lead.name, "Lead", lead.name, opportunity=opportunity)


def _people(lead) -> list[str]:
	"""The Lead's contacts, and the one that has its e-mail or phone though nobody has linked it."""
	people = contacts.of("Lead", lead.name)
	known = contacts.find(lead.email_id, [lead.mobile_no, lead.phone])
	return people if not known or known in people else [*people, known]


def _ensure_contact(lead) -> str | None:
	"""The person of a Lead: a linked Contact, else the one with the same e-mail or phone, else a new one."""
	people = _people(lead)
	if not people:
		if not (lead.email_id or lead.mobile_no or lead.phone):
			return None
		people = [lead.create_contact().name]
	contacts.link(people[0], "Lead", lead.name)
	return people[0]


def _lead_from_prospect(prospect, contact: str | None, campaign: str | None, owner: str | None):
	if not frappe.has_permission("Lead", "create"):
		_refuse_right(_("create a lead"))
	people = contacts.of("Prospect", prospect.name)
	contact = contact or (people[0] if people else None)
	person = frappe.get_doc("Contact", contact) if contact else None
	lead = frappe.new_doc("Lead")
	for field in (
		"industry",
		"market_segment",
		"territory",
		"website",
		"fax",
		"annual_revenue",
		"no_of_employees",
		"company",
	):
		lead.set(field, prospect.get(field))
	for field in (
		*REQUISITES,
		*KNOWLEDGE,
		*registry.FIELDS,
		"rule24_kind",
		"rule24_timezone",
		"rule24_call_from",
		"rule24_call_to",
		"rule24_charter_capital",
	):
		lead.set(field, prospect.get(field))
	lead.update(
		{
			"company_name": prospect.company_name,
			"lead_owner": next(filter(is_active, (prospect.prospect_owner, owner)), None),
			"status": "Interested",
			**campaign_values(
				"Lead", campaign and frappe.db.get_value("Work Campaign", campaign, "erpnext_campaign")
			),
		}
	)
	if person:
		lead.update(
			{
				"first_name": person.first_name,
				"middle_name": person.get("middle_name"),
				"last_name": person.last_name,
				"salutation": person.salutation,
				"gender": person.gender,
				"job_title": person.designation,
				"phone": person.phone,
				"mobile_no": person.mobile_no,
				"email_id": None if taken_by_a_lead(person.email_id) else person.email_id,
			}
		)
		if lead.email_id == lead.lead_owner:
			lead.email_id = None
		# ERPNext makes a Contact for every new Lead; this person has one
		lead.create_contact = lambda: None
	participants.carry(prospect, lead)
	segments.carry(prospect, lead)
	lead.flags.ignore_mandatory = True
	lead.flags.rule24_continues = ("Prospect", prospect.name)
	lead.insert()
	lead.__dict__.pop("create_contact", None)
	_join(lead, prospect, [*([contact] if contact else []), *people])
	return lead


def _join(lead, prospect, people: list[str]) -> None:
	"""The Prospect goes on as the Lead: contacts, addresses, notes and works come along."""
	for person in dict.fromkeys(people):
		contacts.link(person, "Lead", lead.name)
	contacts.carry("Prospect", prospect.name, "Lead", lead.name)
	prospect.append(
		"leads",
		{
			"lead": lead.name,
			"lead_name": lead.lead_name,
			"email": lead.email_id,
			"mobile_no": lead.mobile_no,
			"lead_owner": lead.lead_owner,
			"status": lead.status,
		},
	)
	prospect.flags.ignore_permissions = True  # the right to make the Lead has just been checked
	prospect.flags.ignore_mandatory = True
	prospect.save()
	chain.continue_as("Prospect", prospect.name, "Lead", lead.name)
	links.move("Prospect", prospect.name, "Lead", lead.name)


def taken_by_a_lead(email: str | None) -> bool:
	"""ERPNext refuses a second Lead with the same e-mail unless CRM Settings allow it; the Contact has it anyway."""
	if not email or frappe.db.get_single_value("CRM Settings", "allow_lead_duplication_based_on_emails"):
		return False
	return bool(frappe.db.exists("Lead", {"email_id": email}))


def _refuse_right(what: str) -> None:
	frappe.throw(
		_("You have no right to {0}. Ask an administrator for it.").format(what),
		ConversionNotPermittedError,
		title=_("Not Permitted"),
	)
