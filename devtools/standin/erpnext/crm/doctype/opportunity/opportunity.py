import json

import frappe
from frappe import _
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.email.inbox import link_communication_to_document
from frappe.model.mapper import get_mapped_doc
from frappe.query_builder import Interval
from frappe.query_builder.functions import Now
from frappe.utils import flt, get_fullname

from erpnext.crm.utils import (
	CRMNote,
	copy_comments,
	link_communications,
	link_open_events,
	link_open_tasks,
)
from erpnext.setup.utils import get_exchange_rate
from erpnext.utilities.transaction_base import TransactionBase


class Opportunity(TransactionBase, CRMNote):
	def onload(self):
		"""Contacts and addresses of the party first, then those of the deal alone."""
		party = frappe.get_doc(self.opportunity_from, self.party_name)
		load_address_and_contact(party)
		load_address_and_contact(self)
		onload = party.get("__onload")
		for key in ("contact_list", "addr_list"):
			rows = list(onload.get(key))
			rows += [row for row in self.get("__onload").get(key) if row not in rows]
			onload[key] = rows
		self.set("__onload", onload)

	def after_insert(self):
		if self.opportunity_from != "Lead":
			return
		frappe.get_doc("Lead", self.party_name).set_status(update=True)
		link_open_tasks("Lead", self.party_name, self)
		link_open_events("Lead", self.party_name, self)
		if frappe.db.get_single_value("CRM Settings", "carry_forward_communication_and_comments"):
			copy_comments("Lead", self.party_name, self)
			link_communications("Lead", self.party_name, self)

	def validate(self):
		for fill in (self.set_opportunity_type, self.make_new_lead_if_required, self.validate_item_details):
			fill()
		self.validate_uom_is_integer("uom", "qty")
		for fill in (self.validate_cust_name, self.map_fields, self.set_exchange_rate):
			fill()
		self.title = self.title or self.customer_name
		self.calculate_totals()

	def on_update(self):
		self.update_prospect()

	def set_opportunity_type(self):
		if self.is_new() and not self.opportunity_type:
			self.opportunity_type = _("Sales")

	def make_new_lead_if_required(self):
		"""A deal that has only an email address belongs to the customer or the lead of that address."""
		if self.get("party_name") or not self.contact_email:
			return
		customer = self._customer_with_email()
		if customer:
			self.opportunity_from, self.party_name = "Customer", customer
			return
		lead = frappe.db.get_value("Lead", {"email_id": self.contact_email})
		self.opportunity_from, self.party_name = "Lead", lead or self._lead_from_email()

	def _customer_with_email(self):
		link, contact = frappe.qb.DocType("Dynamic Link"), frappe.qb.DocType("Contact")
		found = (
			frappe.qb.from_(link)
			.join(contact)
			.on(contact.name == link.parent)
			.select(link.link_name)
			.distinct()
			.where(link.link_doctype == "Customer")
			.where(contact.email_id == self.contact_email)
		).run(pluck=True)
		return found[0] if found else None

	def _lead_from_email(self):
		name = get_fullname(self.contact_email)
		if name == self.contact_email:
			name = "".join(part.capitalize() + " " for part in name.split("@")[0].split("."))
		lead = frappe.new_doc("Lead")
		lead.email_id = self.contact_email
		lead.lead_name = name or "Unknown"
		lead.flags.ignore_email_validation = True
		return lead.insert(ignore_permissions=True).name

	def validate_item_details(self):
		fields = ("item_name", "description", "item_group", "brand")
		for row in self.get("items"):
			if not row.item_code:
				continue
			item = frappe.db.get_value("Item", row.item_code, fields, as_dict=True)
			for field in fields:
				if not row.get(field):
					row.set(field, item.get(field))

	def validate_cust_name(self):
		if not self.party_name:
			return
		if self.opportunity_from == "Customer":
			self.customer_name = frappe.db.get_value("Customer", self.party_name, "customer_name")
		elif self.opportunity_from == "Prospect":
			self.customer_name = self.party_name
		elif self.opportunity_from == "Lead":
			prospect = frappe.db.get_value("Prospect Lead", {"lead": self.party_name}, "parent")
			person, company = frappe.db.get_value("Lead", self.party_name, ["lead_name", "company_name"])
			self.customer_name = prospect or company or person

	def map_fields(self):
		"""Fields with a namesake on the party take its value while they are empty."""
		for field in self.meta.get_valid_columns():
			if self.get(field) or not frappe.db.field_exists(self.opportunity_from, field):
				continue
			try:
				self.set(field, frappe.db.get_value(self.opportunity_from, self.party_name, field))
			except Exception:
				continue

	def set_exchange_rate(self):
		company_currency = frappe.get_cached_value("Company", self.company, "default_currency")
		if self.currency == company_currency:
			self.conversion_rate = 1.0
		elif not self.conversion_rate or self.conversion_rate == 1.0:
			self.conversion_rate = get_exchange_rate(self.currency, company_currency, self.transaction_date)

	def calculate_totals(self):
		rate = flt(self.conversion_rate)
		for row in self.get("items"):
			row.amount = flt(row.rate) * flt(row.qty)
			row.base_rate = rate * flt(row.rate)
			row.base_amount = rate * flt(row.amount)
		self.total = flt(sum(row.amount for row in self.get("items")))
		self.base_total = flt(sum(row.base_amount for row in self.get("items")))

	def update_prospect(self):
		name = None
		if self.opportunity_from == "Prospect":
			name = self.party_name
		elif self.opportunity_from == "Lead":
			name = frappe.db.get_value("Prospect Lead", {"lead": self.party_name}, "parent")
		if not name:
			return

		values = {
			"opportunity": self.name,
			"amount": self.opportunity_amount,
			"stage": self.sales_stage,
			"deal_owner": self.opportunity_owner,
			"probability": self.probability,
			"expected_closing": self.expected_closing,
			"currency": self.currency,
			"contact_person": self.contact_person,
		}
		prospect = frappe.get_doc("Prospect", name)
		mine = [row for row in prospect.get("opportunities", []) if row.opportunity == self.name]
		for row in mine:
			row.update(values)
			row.db_update()
		if not mine:
			prospect.append("opportunities", values)
			prospect.flags.ignore_permissions = True
			prospect.flags.ignore_mandatory = True
			prospect.save()

	@frappe.whitelist()
	def declare_enquiry_lost(self, lost_reasons_list, competitors, detailed_reason=None):
		if self.has_active_quotation():
			frappe.throw(_("A deal with a live Quotation cannot be declared lost"))
		self.status = "Lost"
		if detailed_reason:
			self.order_lost_reason = detailed_reason
		self.set("lost_reasons", lost_reasons_list)
		self.set("competitors", competitors)
		self.save()

	def has_active_quotation(self):
		return self._quotations(("not in", ["Lost", "Closed"]))

	def has_ordered_quotation(self):
		return self._quotations("Ordered")

	def has_lost_quotation(self):
		lost = frappe.get_all(
			"Quotation", {"opportunity": self.name, "status": "Lost", "docstatus": 1}, pluck="name"
		)
		if lost:
			return not self.has_active_quotation()

	def _quotations(self, status):
		"""Submitted quotations of the deal: linked by row when the deal has items, else by the document."""
		if not self.get("items"):
			return frappe.get_all(
				"Quotation", {"opportunity": self.name, "status": status, "docstatus": 1}, "name"
			)
		parents = frappe.get_all("Quotation Item", {"prevdoc_docname": self.name}, pluck="parent")
		return frappe.get_all(
			"Quotation",
			[["name", "in", parents], ["docstatus", "=", 1], _criterion("status", status)],
			"name",
		)


def _criterion(field, value):
	return [field, *value] if isinstance(value, tuple) else [field, "=", value]


@frappe.whitelist()
def get_item_details(item_code):
	item = frappe.db.get_value(
		"Item",
		item_code,
		["item_name", "stock_uom as uom", "image", "description", "item_group", "brand"],
		as_dict=True,
	)
	keys = ("item_name", "uom", "description", "image", "item_group", "brand")
	return {key: (item and item[key]) or "" for key in keys}


@frappe.whitelist()
def make_quotation(source_name, target_doc=None):
	def fill(source, target):
		from erpnext.controllers.accounts_controller import get_default_taxes_and_charges

		quotation = frappe.get_doc(target)
		company_currency = frappe.get_cached_value("Company", quotation.company, "default_currency")
		if quotation.currency == company_currency:
			quotation.conversion_rate = 1
		else:
			quotation.conversion_rate = get_exchange_rate(
				quotation.currency, company_currency, quotation.transaction_date, args="for_selling"
			)
		taxes = get_default_taxes_and_charges("Sales Taxes and Charges Template", company=quotation.company)
		if taxes.get("taxes"):
			quotation.update(taxes)
		quotation.run_method("set_missing_values")
		quotation.run_method("calculate_taxes_and_totals")
		if not source.get("items"):
			quotation.opportunity = source.name

	table_map = {
		"Opportunity": {
			"doctype": "Quotation",
			"field_map": {"opportunity_from": "quotation_to", "name": "enq_no"},
		},
		"Opportunity Item": {
			"doctype": "Quotation Item",
			"field_map": {
				"parent": "prevdoc_docname",
				"parenttype": "prevdoc_doctype",
				"uom": "stock_uom",
			},
			"add_if_empty": True,
		},
	}
	return get_mapped_doc("Opportunity", source_name, table_map, target_doc, fill)


@frappe.whitelist()
def make_customer(source_name, target_doc=None):
	def fill(source, target):
		target.opportunity_name = source.name
		if source.opportunity_from == "Lead":
			target.lead_name = source.party_name

	field_map = {"currency": "default_currency", "customer_name": "customer_name"}
	table_map = {"Opportunity": {"doctype": "Customer", "field_map": field_map}}
	return get_mapped_doc("Opportunity", source_name, table_map, target_doc, fill)


@frappe.whitelist()
def set_multiple_status(names, status):
	for name in json.loads(names):
		doc = frappe.get_doc("Opportunity", name)
		doc.status = status
		doc.save()


def auto_close_opportunity():
	"""Close the deals that were answered and then left alone for the days set in CRM Settings (15 if none)."""
	days = frappe.db.get_single_value("CRM Settings", "close_opportunity_after_days") or 15
	table = frappe.qb.DocType("Opportunity")
	stale = (
		frappe.qb.from_(table)
		.select(table.name)
		.where(table.status == "Replied")
		.where(table.modified < Now() - Interval(days=days))
	).run(pluck=True)
	for name in stale:
		doc = frappe.get_doc("Opportunity", name)
		doc.status = "Closed"
		doc.flags.ignore_permissions = True
		doc.flags.ignore_mandatory = True
		doc.save()


@frappe.whitelist()
def make_opportunity_from_communication(communication, company, ignore_communication_links=False):
	from erpnext.crm.doctype.lead.lead import make_lead_from_communication

	letter = frappe.get_doc("Communication", communication)
	lead = letter.reference_name if letter.reference_doctype == "Lead" else None
	deal = frappe.new_doc("Opportunity")
	deal.company = company
	deal.opportunity_from = "Lead"
	deal.party_name = lead or make_lead_from_communication(communication, ignore_communication_links=True)
	deal.insert(ignore_permissions=True)
	link_communication_to_document(letter, "Opportunity", deal.name, ignore_communication_links)
	return deal.name
