import frappe
from frappe.desk.notifications import notify_mentions
from frappe.model.document import Document
from frappe.query_builder.functions import Date
from frappe.utils import cstr, now, today


def update_lead_phone_numbers(contact, method):
	"""A Contact's numbers are those of its Lead: the primary ones, else the first."""
	if not contact.phone_nos:
		return
	lead = contact.get_link_for("Lead")
	if not lead:
		return
	first = contact.phone_nos[0].phone
	phone = next((row.phone for row in contact.phone_nos if row.is_primary_phone), first)
	mobile = next((row.phone for row in contact.phone_nos if row.is_primary_mobile_no), first)
	doc = frappe.get_doc("Lead", lead)
	doc.db_set("phone", phone)
	doc.db_set("mobile_no", mobile)


def copy_comments(doctype, docname, doc):
	for name in frappe.get_all(
		"Comment",
		filters={"reference_doctype": doctype, "reference_name": docname, "comment_type": "Comment"},
		pluck="name",
		order_by="creation",
	):
		row = frappe.db.get_value("Comment", name, "*", as_dict=True)
		copy = frappe.get_doc({**row, "doctype": "Comment"})
		copy.name = None
		copy.reference_doctype = doc.doctype
		copy.reference_name = doc.name
		copy.insert()


def link_communications(doctype, docname, doc):
	for name in get_linked_communication_list(doctype, docname):
		frappe.get_doc("Communication", name).add_link(doc.doctype, doc.name, autosave=True)


def get_linked_communication_list(doctype, docname):
	direct = frappe.get_all(
		"Communication", filters={"reference_doctype": doctype, "reference_name": docname}, pluck="name"
	)
	by_timeline = frappe.get_all(
		"Communication Link",
		filters={"link_doctype": doctype, "link_name": docname, "parent": ("not in", direct)},
		pluck="parent",
	)
	return direct + by_timeline


def link_communications_with_prospect(communication, method):
	prospect = get_linked_prospect(communication.reference_doctype, communication.reference_name)
	if not prospect:
		return
	for row in communication.get("timeline_links"):
		if row.link_doctype == "Prospect" and row.link_name == prospect:
			return
	row = communication.append("timeline_links", {"link_doctype": "Prospect", "link_name": prospect})
	row.db_update()


def update_modified_timestamp(communication, method):
	if not (communication.reference_doctype and communication.reference_name):
		return
	if communication.sent_or_received != "Received":
		return
	if frappe.db.get_single_value("CRM Settings", "update_timestamp_on_new_communication"):
		frappe.db.set_value(
			communication.reference_doctype,
			communication.reference_name,
			"modified",
			now(),
			update_modified=False,
		)


def get_linked_prospect(reference_doctype, reference_name):
	if reference_doctype == "Lead":
		return frappe.db.get_value("Prospect Lead", {"lead": reference_name}, "parent")
	if reference_doctype != "Opportunity":
		return None
	source, party = frappe.db.get_value("Opportunity", reference_name, ["opportunity_from", "party_name"])
	if source == "Prospect":
		return party
	if source == "Lead":
		return frappe.db.get_value("Prospect Opportunity", {"opportunity": reference_name}, "parent")
	return None


def link_events_with_prospect(event, method):
	if not event.event_participants:
		return
	first = event.event_participants[0]
	prospect = get_linked_prospect(first.reference_doctype, first.reference_docname)
	if prospect:
		event.add_participant("Prospect", prospect)
		event.save()


def link_open_tasks(ref_doctype, ref_docname, doc):
	for row in get_open_todos(ref_doctype, ref_docname):
		todo = frappe.get_doc("ToDo", row.name)
		todo.reference_type = doc.doctype
		todo.reference_name = doc.name
		todo.save()


def link_open_events(ref_doctype, ref_docname, doc):
	for row in get_open_events(ref_doctype, ref_docname):
		event = frappe.get_doc("Event", row.name)
		event.add_participant(doc.doctype, doc.name)
		event.save()


@frappe.whitelist()
def get_open_activities(ref_doctype, ref_docname):
	return {
		"tasks": get_open_todos(ref_doctype, ref_docname),
		"events": get_open_events(ref_doctype, ref_docname),
	}


def get_open_todos(ref_doctype, ref_docname):
	return frappe.get_all(
		"ToDo",
		filters={"reference_type": ref_doctype, "reference_name": ref_docname, "status": "Open"},
		fields=["name", "description", "allocated_to", "date"],
	)


def get_open_events(ref_doctype, ref_docname):
	event, participant = frappe.qb.DocType("Event"), frappe.qb.DocType("Event Participants")
	columns = ("name", "subject", "event_category", "starts_on", "ends_on", "description")
	query = frappe.qb.from_(event).join(participant).on(participant.parent == event.name)
	query = query.select(*(event[column] for column in columns)).where(event.status == "Open")
	for column, value in (("reference_doctype", ref_doctype), ("reference_docname", ref_docname)):
		query = query.where(participant[column] == value)
	return query.run(as_dict=True)


def open_leads_opportunities_based_on_todays_event():
	event, participant = frappe.qb.DocType("Event"), frappe.qb.DocType("Event Participants")
	parties = (
		frappe.qb.from_(event)
		.join(participant)
		.on(participant.parent == event.name)
		.select(participant.reference_doctype, participant.reference_docname)
		.where(participant.reference_doctype.isin(["Lead", "Opportunity"]))
		.where(event.status == "Open")
		.where(Date(event.starts_on) == today())
	).run()
	for doctype, name in parties:
		frappe.db.set_value(doctype, name, "status", "Open")


class CRMNote(Document):
	@frappe.whitelist()
	def add_note(self, note):
		self.append("notes", {"note": note, "added_by": frappe.session.user, "added_on": now()})
		self.save()
		notify_mentions(self.doctype, self.name, note)

	@frappe.whitelist()
	def edit_note(self, note, row_id):
		row = self._note(row_id)
		if row:
			row.note = note
			row.db_update()

	@frappe.whitelist()
	def delete_note(self, row_id):
		row = self._note(row_id)
		if row:
			self.remove(row)
		self.save()

	def _note(self, row_id):
		return next((row for row in self.notes if cstr(row.name) == row_id), None)
