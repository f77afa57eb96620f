"""The Kanban board of works, made once at install. It is the users' own from then on."""

import frappe

NAME = "Works"
COLUMNS = (("Planned", "Blue"), ("In Progress", "Yellow"), ("Closed", "Green"), ("Cancelled", "Gray"))


def make() -> None:
	"""Make the board unless one of that name is there."""
	if frappe.db.exists("Kanban Board", NAME):
		return
	board = frappe.get_doc(
		{
			"doctype": "Kanban Board",
			"kanban_board_name": NAME,
			"reference_doctype": "Work",
			"field_name": "status",
			"show_labels": 0,
			"fields": frappe.as_json(["party_name", "planned_on", "assigned_to"], indent=None),
		}
	)
	for status, color in COLUMNS:
		board.append("columns", {"column_name": status, "status": "Active", "indicator": color})
	board.insert(ignore_permissions=True)  # an install runs as Administrator


def delete() -> None:
	"""Delete every board of our documents, those of users as well: their documents go away."""
	ours = frappe.get_all("DocType", {"module": "Rule24 CRM"}, pluck="name")
	for name in frappe.get_all("Kanban Board", {"reference_doctype": ("in", [*ours, ""])}, pluck="name"):
		# uninstalling runs as Administrator; a board of a user's is his, and of no use any more
		frappe.delete_doc("Kanban Board", name, ignore_permissions=True, delete_permanently=True)
