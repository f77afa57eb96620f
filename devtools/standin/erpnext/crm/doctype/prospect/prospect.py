import frappe
from frappe.contacts.address_and_contact import delete_contact_and_address, load_address_and_contact
from frappe.model.mapper import get_mapped_doc

from erpnext.crm.utils import CRMNote, copy_comments, link_communications, link_open_events


class Prospect(CRMNote):
	def onload(self):
		load_address_and_contact(self)

	def after_insert(self):
		carry = frappe.db.get_single_value("CRM Settings", "carry_forward_communication_and_comments")
		sources = [("Lead", row.lead) for row in self.leads]
		sources += [("Opportunity", row.opportunity) for row in self.opportunities]
		for doctype, name in sources:
			if carry:
				copy_comments(doctype, name, self)
				link_communications(doctype, name, self)
			link_open_events(doctype, name, self)

	def on_update(self):
		self.link_with_lead_contact_and_address()

	def on_trash(self):
		delete_contact_and_address(self.doctype, self.name)

	def link_with_lead_contact_and_address(self):
		for row in self.leads:
			for link in frappe.get_all(
				"Dynamic Link",
				filters={"link_doctype": "Lead", "link_name": row.lead},
				fields=["parent", "parenttype"],
			):
				doc = frappe.get_doc(link.parenttype, link.parent)
				if any(d.link_doctype == self.doctype and d.link_name == self.name for d in doc.get("links")):
					continue
				doc.append("links", {"link_doctype": self.doctype, "link_name": self.name})
				doc.save(ignore_permissions=True)


@frappe.whitelist()
def make_customer(source_name, target_doc=None):
	def fill(source, target):
		target.customer_type = "Company"
		target.company_name = source.name
		target.customer_group = _customer_group(source)

	field_map = {"company_name": "customer_name", "currency": "default_currency", "fax": "fax"}
	table_map = {"Prospect": {"doctype": "Customer", "field_map": field_map}}
	return get_mapped_doc("Prospect", source_name, table_map, target_doc, fill, ignore_permissions=False)


@frappe.whitelist()
def make_opportunity(source_name, target_doc=None):
	def fill(source, target):
		target.opportunity_from = "Prospect"
		target.customer_name = source.company_name
		target.customer_group = _customer_group(source)

	field_map = {"name": "party_name", "prospect_owner": "opportunity_owner"}
	table_map = {"Prospect": {"doctype": "Opportunity", "field_map": field_map}}
	return get_mapped_doc("Prospect", source_name, table_map, target_doc, fill, ignore_permissions=False)


def _customer_group(prospect):
	return prospect.customer_group or frappe.db.get_default("Customer Group")


@frappe.whitelist()
def get_opportunities(prospect):
	return frappe.get_all(
		"Opportunity",
		filters={"opportunity_from": "Prospect", "party_name": prospect},
		fields=[
			"opportunity_owner",
			"sales_stage",
			"status",
			"expected_closing",
			"probability",
			"opportunity_amount",
			"currency",
			"contact_person",
			"contact_email",
			"contact_mobile",
			"creation",
			"name",
		],
	)
