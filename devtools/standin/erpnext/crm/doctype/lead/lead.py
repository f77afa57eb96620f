import frappe
from frappe import _
from frappe.contacts.address_and_contact import delete_contact_and_address, load_address_and_contact
from frappe.email.inbox import link_communication_to_document
from frappe.model.mapper import get_mapped_doc
from frappe.utils import comma_and, get_link_to_form, has_gravatar, validate_email_address

from erpnext.accounts.party import set_taxes
from erpnext.controllers.selling_controller import SellingController
from erpnext.crm.utils import CRMNote, copy_comments, link_communications, link_open_events
from erpnext.selling.doctype.customer.customer import parse_full_name

# Field of the contact -> field of the lead.
CONTACT_FROM_LEAD = {
	"salutation": "salutation",
	"first_name": "first_name",
	"last_name": "last_name",
	"gender": "gender",
	"designation": "job_title",
	"company_name": "company_name",
}


class Lead(SellingController, CRMNote):
	def onload(self):
		self.get("__onload").is_customer = self.has_customer()
		load_address_and_contact(self)
		self.set_onload("linked_prospects", self.get_linked_prospects())

	def before_insert(self):
		self.contact_doc = None
		if frappe.db.get_single_value("CRM Settings", "auto_creation_of_contact"):
			known = self._contact_of_existing_customer()
			if known:
				self.contact_doc = frappe.get_doc("Contact", known)
				return
			self.contact_doc = self.create_contact()

		if self.lead_name and not (self.first_name or self.middle_name or self.last_name):
			self.first_name, self.middle_name, self.last_name = parse_full_name(self.lead_name)

	def _contact_of_existing_customer(self):
		if self.source != "Existing Customer" or not self.customer:
			return None
		return frappe.db.get_value(
			"Dynamic Link",
			{"link_doctype": "Customer", "parenttype": "Contact", "link_name": self.customer},
			"parent",
		)

	def after_insert(self):
		self.link_to_contact()

	def validate(self):
		for name_it in (self.set_full_name, self.set_lead_name, self.set_title):
			name_it()
		self.set_status()
		for check in (self.check_email_id_is_unique, self.validate_email_id):
			check()

	def on_update(self):
		self.update_prospect()

	def on_trash(self):
		delete_contact_and_address(self.doctype, self.name)
		self.remove_link_from_prospect()

	def set_full_name(self):
		if self.first_name:
			parts = (self.salutation, self.first_name, self.middle_name, self.last_name)
			self.lead_name = " ".join(part for part in parts if part)

	def set_lead_name(self):
		if self.lead_name:
			return
		if self.company_name:
			self.lead_name = self.company_name
		elif self.email_id:
			self.lead_name = self.email_id.split("@")[0]
		elif not self.flags.ignore_mandatory:
			frappe.throw(_("A Lead needs the name of a person or of an organization"))

	def set_title(self):
		self.title = self.company_name or self.lead_name

	def check_email_id_is_unique(self):
		if not self.email_id:
			return
		if frappe.db.get_single_value("CRM Settings", "allow_lead_duplication_based_on_emails"):
			return
		others = frappe.get_all(
			"Lead", filters={"email_id": self.email_id, "name": ("!=", self.name)}, pluck="name"
		)
		if others:
			links = [frappe.bold(get_link_to_form("Lead", name)) for name in others]
			frappe.throw(
				_("This email address already belongs to {0}").format(comma_and(links)),
				frappe.DuplicateEntryError,
			)

	def validate_email_id(self):
		if not self.email_id:
			return
		if not self.flags.ignore_email_validation:
			validate_email_address(self.email_id, throw=True)
		if self.email_id == self.lead_owner:
			frappe.throw(_("A Lead cannot have the email address of its owner"))
		if self.is_new() or not self.image:
			self.image = has_gravatar(self.email_id)

	def link_to_contact(self):
		if self.contact_doc:
			self.contact_doc.append(
				"links", {"link_doctype": "Lead", "link_name": self.name, "link_title": self.lead_name}
			)
			self.contact_doc.save()

	def update_prospect(self):
		row_name = frappe.db.get_value("Prospect Lead", {"lead": self.name})
		if row_name:
			row = frappe.get_doc("Prospect Lead", row_name)
			row.update(self._prospect_row())
			row.db_update()

	def _prospect_row(self):
		return {
			"lead_name": self.lead_name,
			"email": self.email_id,
			"mobile_no": self.mobile_no,
			"lead_owner": self.lead_owner,
			"status": self.status,
		}

	def remove_link_from_prospect(self):
		for link in self.get_linked_prospects():
			prospect = frappe.get_doc("Prospect", link.parent)
			if len(prospect.leads) == 1:
				prospect.delete(ignore_permissions=True)
				continue
			mine = [row for row in prospect.leads if row.lead == self.name]
			if mine:
				prospect.remove(mine[-1])
				prospect.save(ignore_permissions=True)

	def get_linked_prospects(self):
		return frappe.get_all("Prospect Lead", filters={"lead": self.name}, fields=["parent"])

	def has_customer(self):
		return frappe.db.get_value("Customer", {"lead_name": self.name})

	def has_opportunity(self):
		return frappe.db.get_value("Opportunity", {"party_name": self.name, "status": ("!=", "Lost")})

	def has_quotation(self):
		return frappe.db.get_value(
			"Quotation", {"party_name": self.name, "docstatus": 1, "status": ("!=", "Lost")}
		)

	def has_lost_quotation(self):
		return frappe.db.get_value("Quotation", {"party_name": self.name, "docstatus": 1, "status": "Lost"})

	@frappe.whitelist()
	def create_prospect_and_contact(self, data):
		data = frappe._dict(data)
		if data.create_contact:
			self.create_contact()
		if data.create_prospect:
			self.create_prospect(data.prospect_name)

	def create_contact(self):
		if not self.lead_name:
			self.set_full_name()
			self.set_lead_name()

		contact = frappe.new_doc("Contact")
		for field, source in CONTACT_FROM_LEAD.items():
			contact.set(field, self.get(source))
		contact.first_name = contact.first_name or self.lead_name
		if self.email_id:
			contact.add_email(self.email_id, is_primary=True)
		if self.phone:
			contact.add_phone(self.phone, is_primary_phone=True)
		if self.mobile_no:
			contact.add_phone(self.mobile_no, is_primary_mobile_no=True)
		contact.insert(ignore_permissions=True)
		contact.reload()  # with what other apps' hooks changed
		return contact

	def create_prospect(self, company_name):
		name = company_name or self.company_name
		prospect = frappe.new_doc("Prospect")
		prospect.company_name = name
		prospect.prospect_owner = self.lead_owner
		for field in (
			"no_of_employees",
			"industry",
			"market_segment",
			"annual_revenue",
			"territory",
			"fax",
			"website",
			"company",
			"notes",
		):
			prospect.set(field, self.get(field))
		prospect.append("leads", {"lead": self.name, **self._prospect_row()})
		prospect.flags.ignore_permissions = True
		prospect.flags.ignore_mandatory = True
		try:
			prospect.save()
		except frappe.DuplicateEntryError:
			frappe.throw(_("There is a Prospect {0} already").format(name))


@frappe.whitelist()
def make_customer(source_name, target_doc=None):
	return _make_customer(source_name, target_doc)


def _make_customer(source_name, target_doc=None, ignore_permissions=False):
	def fill(source, target):
		target.customer_type = "Company" if source.company_name else "Individual"
		target.customer_name = source.company_name or source.lead_name
		if not target.customer_group:
			target.customer_group = frappe.db.get_default("Customer Group")

	table_map = {
		"Lead": {
			"doctype": "Customer",
			"field_map": {
				"name": "lead_name",
				"company_name": "customer_name",
				"contact_no": "phone_1",
				"fax": "fax_1",
			},
			"field_no_map": ["disabled"],
		}
	}
	return get_mapped_doc(
		"Lead", source_name, table_map, target_doc, fill, ignore_permissions=ignore_permissions
	)


@frappe.whitelist()
def make_opportunity(source_name, target_doc=None):
	table_map = {
		"Lead": {
			"doctype": "Opportunity",
			"field_map": {
				"doctype": "opportunity_from",
				"name": "party_name",
				"lead_name": "contact_display",
				"company_name": "customer_name",
				"email_id": "contact_email",
				"mobile_no": "contact_mobile",
				"lead_owner": "opportunity_owner",
				"campaign_name": "campaign",
				"notes": "notes",
			},
		}
	}
	return get_mapped_doc("Lead", source_name, table_map, target_doc, _set_missing_values)


@frappe.whitelist()
def make_quotation(source_name, target_doc=None):
	table_map = {"Lead": {"doctype": "Quotation", "field_map": {"name": "party_name"}}}
	quotation = get_mapped_doc("Lead", source_name, table_map, target_doc, _set_missing_values)
	quotation.quotation_to = "Lead"
	for method in ("set_missing_values", "set_other_charges", "calculate_taxes_and_totals"):
		quotation.run_method(method)
	return quotation


def _set_missing_values(source, target):
	for parenttype, fieldname in (("Address", "customer_address"), ("Contact", "contact_person")):
		linked = frappe.get_all(
			"Dynamic Link",
			{"link_doctype": source.doctype, "link_name": source.name, "parenttype": parenttype},
			pluck="parent",
			limit=1,
		)
		if linked:
			target.set(fieldname, linked[0])


@frappe.whitelist()
def get_lead_details(lead, posting_date=None, company=None, doctype=None):
	from erpnext.accounts.party import set_address_details

	if not lead:
		return {}
	lead = frappe.get_doc("Lead", lead)
	details = frappe._dict(
		territory=lead.territory,
		customer_name=lead.company_name or lead.lead_name,
		contact_display=lead.lead_name or "",
		contact_email=lead.email_id,
		contact_mobile=lead.mobile_no,
		contact_phone=lead.phone,
	)
	set_address_details(details, lead, "Lead", doctype=doctype, company=company)
	template = set_taxes(
		None,
		"Lead",
		posting_date,
		company,
		billing_address=details.get("customer_address"),
		shipping_address=details.get("shipping_address_name"),
	)
	if template:
		details["taxes_and_charges"] = template
	return details


@frappe.whitelist()
def make_lead_from_communication(communication, ignore_communication_links=False):
	letter = frappe.get_doc("Communication", communication)
	name = None
	if letter.sender:
		name = frappe.db.get_value("Lead", {"email_id": letter.sender})
	if not name and letter.phone_no:
		name = frappe.db.get_value("Lead", {"mobile_no": letter.phone_no})
	if not name:
		lead = frappe.new_doc("Lead")
		lead.lead_name = letter.sender_full_name
		lead.email_id = letter.sender
		lead.mobile_no = letter.phone_no
		lead.flags.ignore_mandatory = True
		lead.flags.ignore_permissions = True
		name = lead.insert().name
	link_communication_to_document(letter, "Lead", name, ignore_communication_links)
	return name


def get_lead_with_phone_number(number):
	if not number:
		return None
	ending = ("like", f"%{number}")
	leads = frappe.get_all(
		"Lead",
		or_filters={"phone": ending, "whatsapp_no": ending, "mobile_no": ending},
		limit=1,
		order_by="creation DESC",
		pluck="name",
	)
	return leads[0] if leads else None


@frappe.whitelist()
def add_lead_to_prospect(lead, prospect):
	doc = frappe.get_doc("Prospect", prospect)
	doc.append("leads", {"lead": lead})
	doc.save(ignore_permissions=True)
	if frappe.db.get_single_value("CRM Settings", "carry_forward_communication_and_comments"):
		copy_comments("Lead", lead, doc)
		link_communications("Lead", lead, doc)
	link_open_events("Lead", lead, doc)
	frappe.msgprint(
		_("Lead {0} now belongs to Prospect {1}").format(frappe.bold(lead), frappe.bold(doc.name)),
		title=_("Lead -> Prospect"),
		indicator="green",
	)
