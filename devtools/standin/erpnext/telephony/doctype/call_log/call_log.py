import frappe
from frappe import _
from frappe.contacts.doctype.contact.contact import get_contact_with_phone_number
from frappe.core.doctype.dynamic_link.dynamic_link import deduplicate_dynamic_links
from frappe.model.document import Document

from erpnext.crm.doctype.lead.lead import get_lead_with_phone_number
from erpnext.crm.doctype.utils import strip_number

END_CALL_STATUSES = ["No Answer", "Completed", "Busy", "Failed"]
ONGOING_CALL_STATUSES = ["Ringing", "In Progress"]


class CallLog(Document):
	def validate(self):
		deduplicate_dynamic_links(self)

	def before_insert(self):
		"""Link the contact and the lead of the other side's number."""
		number = strip_number(self.get("from") if self.is_incoming_call() else self.get("to"))
		contact = get_contact_with_phone_number(number)
		if contact:
			self.add_link("Contact", contact)
		lead = get_lead_with_phone_number(number)
		if lead:
			self.add_link("Lead", lead)
		if self.is_incoming_call():
			self.update_received_by()

	def on_update(self):
		before = self.get_doc_before_save()
		if not before:
			return
		if self.is_incoming_call() and self.has_value_changed("to"):
			self.update_received_by()
		if before.to != self.to and self.status not in END_CALL_STATUSES:
			frappe.publish_realtime(f"call_{self.id}_missed", self)
		if before.status not in END_CALL_STATUSES and self.status in END_CALL_STATUSES:
			frappe.publish_realtime(f"call_{self.id}_ended", self)

	def is_incoming_call(self):
		return self.type == "Incoming"

	def add_link(self, link_type, link_name):
		self.append("links", {"link_doctype": link_type, "link_name": link_name})

	def update_received_by(self):
		employees = get_employees_with_number(self.get("to"))
		if employees:
			self.call_received_by = employees[0].get("name")
			self.employee_user_id = employees[0].get("user_id")


@frappe.whitelist()
def add_call_summary_and_call_type(call_log, summary, call_type):
	doc = frappe.get_doc("Call Log", call_log)
	doc.type_of_call = call_type
	doc.save()
	doc.add_comment("Comment", f"{frappe.bold(_('Call Summary'))}<br><br>{summary}")


def get_employees_with_number(number):
	number = strip_number(number)
	if not number:
		return []
	return frappe.get_all(
		"Employee",
		filters={"cell_number": ("like", f"%{number}%"), "user_id": ("!=", "")},
		fields=["name", "user_id"],
	)


def link_existing_conversations(doc, state):
	"""A new contact takes the calls that came from his numbers before."""
	if doc.doctype != "Contact" or doc.flags.ignore_auto_link_call_log:
		return
	for row in doc.phone_nos:
		number = strip_number(row.phone)
		if not number:
			continue
		for name in frappe.get_all(
			"Call Log",
			or_filters={"from": ("like", f"%{number}"), "to": ("like", f"%{number}")},
			pluck="name",
		):
			log = frappe.get_doc("Call Log", name)
			if any(d.link_doctype == doc.doctype and d.link_name == doc.name for d in log.links):
				continue
			log.add_link(doc.doctype, doc.name)
			log.save(ignore_permissions=True)


def get_linked_call_logs(doctype, docname):
	"""Rows for the timeline of the document."""
	names = frappe.get_all(
		"Dynamic Link",
		filters={"parenttype": "Call Log", "link_doctype": doctype, "link_name": docname},
		pluck="parent",
	)
	rows = []
	for log in frappe.get_all("Call Log", fields=["*"], filters={"name": ("in", names)}):
		log.show_call_button = 0
		rows.append(
			{
				"icon": "call",
				"is_card": True,
				"creation": log.creation,
				"template": "call_link",
				"template_data": log,
			}
		)
	return rows
