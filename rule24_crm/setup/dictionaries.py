"""The dictionaries a new site starts with: the seminar process of the sources and a general set of Actions.

They are made once, at install, and belong to the users from then on: nothing here is written over an existing record.
"""

import frappe

from rule24_crm.deals import defaults as deals
from rule24_crm.parties.relations.defaults import KINDS as RELATION_KINDS

MADE_KEY = "rule24_crm_made"

RESULTS = (
	"Interested", "Not Interested", "No Answer", "Call Back Later", "Wrong Contact", "Sent", "Not Delivered", "Replied",
	"Documents Signed", "Documents Not Signed", "Meeting Held", "Meeting Cancelled", "Confirmed", "Came", "Did Not Come",
	"Visited", "Not Met", "Done", "Not Done",
)  # fmt: skip

STOP_REASONS = (
	{"reason": "Not Our Client", "writes_off": 1},
	{"reason": "Company Closed", "writes_off": 1},
	{"reason": "Asked Not to Be Contacted", "writes_off": 1},
	{"reason": "Waiting for the Client", "writes_off": 0},
	{"reason": "Handled Elsewhere", "writes_off": 0},
)


def _row(
	result: str, sign: str, next_action: str = "", next_in_days: int = 1, effect: str = "None", **more
) -> dict:
	return dict(
		result=result, sign=sign, next_action=next_action, next_in_days=next_in_days, effect=effect, **more
	)


#: name -> (kind, colour, usual minutes, Results)
ACTIONS: dict[str, tuple[str, str, int, list[dict]]] = {
	"Letter": (
		"Letter",
		"#4463F0",
		10,
		[
			_row("Sent", "", "Call", 2),
			_row("Replied", "Plus", "Call", 1, "Create Lead"),
			_row("Not Delivered", "Minus", "Call", 1),
			_row("Not Interested", "Minus", requires_note=1),
		],
	),
	"Call": (
		"Call",
		"#29CD42",
		15,
		[
			_row("Interested", "Plus", "Issue Documents", 1, "Convert to Deal", stage="Interest"),
			_row("Call Back Later", "", "Call", 3),
			_row("No Answer", "", "Call", 1),
			_row("Wrong Contact", "Minus", "Call", 2, requires_note=1),
			_row("Not Interested", "Minus", requires_note=1),
		],
	),
	"Issue Documents": (
		"Documents",
		"#ECAD4B",
		30,
		[
			_row("Sent", "", "Issue Documents", 3, "Issue Documents", stage="Documents"),
			_row("Documents Signed", "Plus", "Meeting", 2, "Set Stage", stage="Signing"),
			_row("Documents Not Signed", "Minus", "Call", 3, requires_note=1),
		],
	),
	"Meeting": (
		"Meeting",
		"#761ACB",
		60,
		[
			_row("Meeting Held", "Plus", "Attendance", 1, "Set Stage", stage="Attendance"),
			_row("Confirmed", "Plus", "Attendance", 1, "Set Stage", stage="Attendance"),
			_row("Meeting Cancelled", "Minus", "Call", 1),
		],
	),
	"Attendance": (
		"Event",
		"#CB2929",
		240,
		[
			_row("Came", "Plus", "Call", 5, "Set Stage", stage="Closed Won"),
			_row("Did Not Come", "Minus", "Call", 1, "Mark Lost"),
		],
	),
	"Visit": (
		"Visit",
		"#449CF0",
		90,
		[_row("Visited", "Plus", "Call", 3), _row("Not Met", "Minus", "Call", 1)],
	),
	"Task": ("Other", "#687178", 30, [_row("Done", "Plus"), _row("Not Done", "Minus", "Task", 1)]),
}


def make() -> None:
	"""Create what is missing; leave every existing record as it is. Records made here are remembered for uninstall."""
	for result in RESULTS:
		_make_once({"doctype": "Work Result", "result_name": result})
	for reason in STOP_REASONS:
		_make_once({"doctype": "Work Stop Reason", **reason})
	_make_stages()
	_make_actions()
	_set_contract_action()
	_make_processes()
	_make_contract_template()
	_make_documents_letter()
	make_relation_kinds()


def _make_actions() -> None:
	# first without Results: they name each other as next Action
	made = [
		name
		for name, (kind, color, minutes, _results) in ACTIONS.items()
		if _make_once(
			{
				"doctype": "Work Action",
				"action_name": name,
				"kind": kind,
				"color": color,
				"default_duration": minutes,
			}
		)
	]
	for name in made:
		action = frappe.get_doc("Work Action", name)
		action.extend("results", ACTIONS[name][3])
		action.save()


def _set_contract_action() -> None:
	if not frappe.db.get_single_value("Rule24 CRM Settings", "contract_notice_action", cache=False):
		frappe.db.set_single_value("Rule24 CRM Settings", "contract_notice_action", "Task")


def _make_stages() -> None:
	for stage in deals.STAGES:
		if _make_once({"doctype": "Sales Stage", "stage_name": stage}):
			remember("Sales Stage", stage)


def _make_processes() -> None:
	for name, values in deals.PROCESSES.items():
		if frappe.db.exists("Sales Process", {"is_default": 1}):
			values = {**values, "is_default": 0}
		_make_once({"doctype": "Sales Process", "process_name": name, **values})
	if not frappe.db.get_single_value("Rule24 CRM Settings", "default_process", cache=False):
		frappe.db.set_single_value("Rule24 CRM Settings", "default_process", deals.DEFAULT_PROCESS)


def _make_contract_template() -> None:
	with open(frappe.get_app_path("rule24_crm", "templates", "contracts", "service_contract.html")) as file:
		terms = file.read()
	if _make_once(
		{"doctype": "Contract Template", "title": deals.CONTRACT_TEMPLATE, "contract_terms": terms}
	):
		remember("Contract Template", deals.CONTRACT_TEMPLATE)
	if not frappe.db.get_single_value("Rule24 CRM Settings", "contract_template", cache=False):
		frappe.db.set_single_value("Rule24 CRM Settings", "contract_template", deals.CONTRACT_TEMPLATE)


def _make_documents_letter() -> None:
	letter = {"subject": deals.LETTER_SUBJECT, "use_html": 1, "response_html": deals.LETTER_TEXT}
	if _make_once(
		{
			"doctype": "Email Template",
			"name": deals.DOCUMENTS_LETTER,
			"__newname": deals.DOCUMENTS_LETTER,
			**letter,
		}
	):
		remember("Email Template", deals.DOCUMENTS_LETTER)
	if not frappe.db.get_single_value("Rule24 CRM Settings", "documents_letter", cache=False):
		frappe.db.set_single_value("Rule24 CRM Settings", "documents_letter", deals.DOCUMENTS_LETTER)


def make_relation_kinds() -> None:
	"""The kinds of relation. Also for a site that is older than they are: then once, by its patch."""
	for name, reverse, between in RELATION_KINDS:
		_make_once(
			{
				"doctype": "Partner Relation Kind",
				"kind_name": name,
				"reverse_name": reverse,
				"between": between,
			}
		)


def _make_once(values: dict) -> bool:
	"""Insert the record unless one of that name is there. :return: whether it was made."""
	doc = frappe.get_doc(values)
	doc.set_new_name()
	if frappe.db.exists(doc.doctype, doc.name):
		return False
	doc.insert()
	return True


def remember(doctype: str, name: str) -> None:
	"""Note that an install made this record of a DocType that is not ours, so that uninstall can take it away."""
	made = _made()
	if [doctype, name] not in made:
		frappe.db.set_default(MADE_KEY, frappe.as_json([*made, [doctype, name]], indent=None))


def forget() -> None:
	"""Delete what `remember` noted, unless a record outside this app still uses it."""
	for doctype, name in _made():
		if not frappe.db.exists(doctype, name):
			continue
		try:
			# no copy stays among the deleted documents
			frappe.delete_doc(doctype, name, delete_permanently=True)
		except frappe.LinkExistsError:
			frappe.clear_last_message()
	frappe.db.delete("DefaultValue", {"defkey": MADE_KEY})


def _made() -> list[list[str]]:
	"""What `remember` noted, as pairs [doctype, name]; read from the table, because defaults are cached during an install."""
	noted = frappe.db.get_value("DefaultValue", {"defkey": MADE_KEY, "parent": "__default"}, "defvalue")
	return frappe.parse_json(noted or "[]")
