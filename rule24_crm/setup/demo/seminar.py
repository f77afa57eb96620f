"""The seminar of the sources, played through the same functions that the users' clicks call.

The head makes a campaign, imports the list of companies, sends the invitation and plans the calls. The managers close the
first of them; a few clients become deals, get invoice and contract, and one comes to the seminar.
"""

import itertools
from contextlib import contextmanager
from pathlib import Path

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.exceptions import Rule24Error
from rule24_crm.setup.demo import people
from rule24_crm.setup.demo.company import service
from rule24_crm.work import closing
from rule24_crm.work.campaigns import importing, letters, works
from rule24_crm.work.planning import service as planning

CAMPAIGN = "Семинар «Процессный подход к управлению»"
COMPANIES = Path(__file__).with_name("seminar_companies.csv")
TEMPLATE = "Приглашение на семинар"
SCRIPT = "Звонок о семинаре"

INVITATION = """<p>Здравствуйте{% if contact_name %}, {{ contact_name }}{% endif %}!</p>
<p>Приглашаем {{ party_name }} на семинар «Процессный подход к управлению». За один день разберём, как описать процессы
компании и начать ими управлять.</p>
<p>Ответьте на это письмо, если интересно, — пришлём программу и счёт.</p>"""

CONVERSATION = """<ol><li>Представиться, спросить, удобно ли говорить.</li>
<li>«Получили ли вы наше приглашение на семинар?»</li>
<li>Интересно: сколько человек придёт, на кого выставить счёт.</li>
<li>Не интересно: узнать причину и записать её в результат.</li></ol>"""

#: what the first calls end with, in turn: Result and protocol
CALLS = (
	("Interested", "Придут двое, просят счёт и договор"),
	("No Answer", ""),
	("Not Interested", "Обучают сотрудников своими силами"),
	("Interested", "Нужна программа и счёт на одного участника"),
	("Call Back Later", "Директор в отпуске, вернётся на следующей неделе"),
	("Not Interested", "Нет бюджета в этом квартале"),
)
CALLED = 42
#: what follows the calls of those who are interested; each pair is taken by so many of them
LADDER = (("Sent", 12), ("Documents Signed", 8), ("Meeting Held", 5), ("Came", 2))


def make() -> None:
	"""Play the seminar unless its campaign is there already."""
	if frappe.db.exists("Work Campaign", CAMPAIGN):
		return
	_outgoing_mail()
	_texts()
	with _as(people.HEAD):
		_campaign()
		importing.import_file(CAMPAIGN, COMPANIES.read_bytes())
		letters.send(CAMPAIGN)
		works.create_works(CAMPAIGN)
		planning.replan(planning.request_from(campaign=CAMPAIGN))
	_call()
	for result, count in LADDER:
		_close_next(result, count)


def _outgoing_mail() -> None:
	"""Letters need an account to be queued from. Nothing listens at its port: a demo writes to nobody."""
	if frappe.db.exists("Email Account", {"default_outgoing": 1, "enable_outgoing": 1}):
		return
	account = frappe.get_doc(
		{
			"doctype": "Email Account",
			"email_account_name": "Demo",
			"email_id": "seminar@example.com",
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "127.0.0.1",
			"smtp_port": 9,
			"no_smtp_authentication": 1,
		}
	)
	account.flags.ignore_validate = True  # validation would call the server
	account.insert()


def _texts() -> None:
	if not frappe.db.exists("Email Template", TEMPLATE):
		frappe.get_doc(
			{
				"doctype": "Email Template",
				"name": TEMPLATE,
				"subject": "Приглашение на семинар для {{ party_name }}",
				"response": INVITATION,
			}
		).insert()
	if not frappe.db.exists("Call Script", SCRIPT):
		frappe.get_doc({"doctype": "Call Script", "script_name": SCRIPT, "text": CONVERSATION}).insert()


def _campaign() -> None:
	campaign = frappe.get_doc(
		{
			"doctype": "Work Campaign",
			"campaign_name": CAMPAIGN,
			"status": "Running",
			"goal": "Собрать 40 участников от 25 компаний",
			"first_action": "Call",
			"email_template": TEMPLATE,
			"script": SCRIPT,
			"starts_on": nowdate(),
			"ends_on": add_days(nowdate(), 28),
			"event_at": f"{add_days(nowdate(), 35)} 10:00:00",
			"sales_process": "Seminar",
		}
	)
	campaign.extend("managers", [{"user": user, "capacity_per_day": 20} for user in people.MANAGERS])
	campaign.append("items", {"item_code": service(), "qty": 1, "rate": 12000})
	campaign.insert()


def _call() -> None:
	open_calls = frappe.get_all(
		"Work",
		filters={"campaign": CAMPAIGN, "status": "Planned", "action": "Call"},
		fields=["name", "assigned_to"],
		order_by="planned_on, starts_at, name",
		limit=CALLED,
	)
	for work, (result, note) in zip(open_calls, itertools.cycle(CALLS), strict=False):
		_close(work, result, note)


def _close_next(result: str, count: int) -> None:
	"""Close with `result` so many of the campaign's open works whose Action allows it, oldest first."""
	actions = frappe.get_all(
		"Work Action Result", {"result": result, "parenttype": "Work Action"}, pluck="parent"
	)
	waiting = frappe.get_all(
		"Work",
		filters={
			"campaign": CAMPAIGN,
			"status": "Planned",
			"action": ("in", actions),
			"opportunity": ("is", "set"),
		},
		fields=["name", "assigned_to"],
		order_by="name",
	)
	done = 0
	for work in waiting:
		done += _close(work, result, "")
		if done == count:
			break


def _close(work, result: str, note: str) -> bool:
	"""Close one work as its manager. :return: whether the rules allowed it; a client without requisites gets no invoice."""
	reason = "Waiting for the Client" if result == "Not Interested" else None
	frappe.db.savepoint("rule24_demo")
	try:
		with _as(work.assigned_to):
			closing.close(work.name, result, note=note or None, stop_reason=reason)
	except Rule24Error:
		frappe.db.rollback(save_point="rule24_demo")
		frappe.clear_messages()
		return False
	return True


@contextmanager
def _as(user: str):
	before = frappe.session.user
	frappe.set_user(user)
	try:
		yield
	finally:
		frappe.set_user(before)
