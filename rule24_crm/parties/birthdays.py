"""Birthdays of contact persons and their families: who has one soon, and a reminder of each once, some days ahead.

Days are those of the site's time zone. Whoever was born on 29 February is congratulated on the 28th in other years.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder import CustomFunction
from frappe.utils import add_days, formatdate, getdate, nowdate

from rule24_crm.language import in_language_of
from rule24_crm.parties import permitted
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES, TITLE_FIELD
from rule24_crm.parties.live import live_criterion
from rule24_crm.parties.managers import is_active
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work.working_days import for_company

NOTHING, NOTICE, WORK = "Nothing", "A Notice", "A Work"
#: what holds on a site whose settings have not been saved since the fields came
DEFAULT_DAYS, DEFAULT_ACTION = 3, "Call"


@dataclass
class Birthday:
	"""A birthday near at hand.

	`doctype`, `name` and `marker` are the record and its field that remember for which day somebody was reminded: `reminded`.
	"""

	doctype: str
	name: str
	marker: str
	reminded: datetime.date | None
	contact: str
	contact_name: str
	born: datetime.date
	day: datetime.date
	relative: str = ""
	relation: str = ""

	def words(self, user: str) -> str:
		"""What it is called in a notice or work, words and day as this user reads them."""
		with in_language_of(user):
			day = formatdate(self.day, "d MMMM")
			if not self.relative:
				return _("Birthday on {0}: {1}").format(day, self.contact_name)
			return _("Birthday on {0}: {1} ({2}), family of {3}").format(
				day, self.relative, _(self.relation or "Other"), self.contact_name
			)


def occurs_on(birthday: datetime.date, year: int) -> datetime.date:
	"""The day on which it is kept in that year."""
	try:
		return birthday.replace(year=year)
	except ValueError:
		return datetime.date(year, 2, 28)


def next_after(birthday: datetime.date, today: datetime.date) -> datetime.date:
	"""The next day it is kept on, `today` included."""
	this_year = occurs_on(birthday, today.year)
	return this_year if this_year >= today else occurs_on(birthday, today.year + 1)


def remind() -> int:
	"""Remind of every birthday that has come near. Runs daily; a missed day is made up for, nothing comes twice.

	A person of no live client, or of clients without an active manager, waits until there is one.

	:return: how many reminders went out.
	"""
	settings = frappe.get_cached_doc("Rule24 CRM Settings")
	way = settings.birthday_notice or NOTICE
	if way == NOTHING:
		return 0
	days = settings.birthday_notice_days
	near = _near(getdate(nowdate()), DEFAULT_DAYS if days is None else days)
	near = [birthday for birthday in near if birthday.reminded != birthday.day]
	clients = _clients(near, lambda client: is_active(client.responsible))
	sent = 0
	for birthday in near:
		if client := clients.get(birthday.contact):
			sent += _remind(birthday, client, way, action())
	return sent


def action() -> str:
	"""The Action of a work that congratulates."""
	return frappe.get_cached_doc("Rule24 CRM Settings").birthday_action or DEFAULT_ACTION


def coming(days: int, *, user: str | None = None) -> list[dict]:
	"""Birthdays from today on for so many days, nearest first: of persons of live clients, and of their families.

	Only contacts and clients that whoever asks may read.

	:param user: only of clients this user is responsible for; `None` for all.
	:return: dicts of `day, age, person, relation, words, contact, contact_name, designation, phone, email, preferences,
		party_type, party, party_name, responsible, work`; `work` is the first open one with this person up to that day.
	"""
	near, clients = _seen(days, user)
	if not near:
		return []
	names = {each.contact for each in near}
	persons, works = _persons(names), _works(names)
	found = []
	for each in near:
		found.append(
			{
				"day": each.day,
				"age": each.day.year - each.born.year,
				"person": each.relative or each.contact_name,
				"relation": (each.relation or "Other") if each.relative else "",
				"words": each.words(frappe.session.user),
				"contact": each.contact,
				"contact_name": each.contact_name,
				**persons[each.contact],
				**clients[each.contact],
				"work": next((name for name, on in works.get(each.contact, ()) if on <= each.day), None),
			}
		)
	return found


def count_coming(days: int, *, user: str | None = None) -> int:
	"""How many birthdays `coming` finds."""
	return len(_seen(days, user)[0])


def _seen(days: int, user: str | None) -> tuple[list[Birthday], dict[str, frappe._dict]]:
	"""Birthdays that whoever asks may know of, nearest first, and contact -> client."""
	near = _near(getdate(nowdate()), days, may_read=True)
	clients = _clients(near, lambda client: not user or client.responsible == user, may_read=True)
	return sorted((each for each in near if each.contact in clients), key=lambda each: each.day), clients


def keep_marks(doc, method: str | None = None) -> None:
	"""Validation of a Contact: a form that was opened before the daily job does not undo what the job has noted."""
	before = doc.get_doc_before_save()
	if not before:
		return
	doc.rule24_birthday_reminded = before.rule24_birthday_reminded
	marks = {row.name: row.reminded_for for row in before.get("rule24_family") or []}
	for row in doc.get("rule24_family") or []:
		row.reminded_for = marks.get(row.name)


def _near(today: datetime.date, days: int, may_read: bool = False) -> list[Birthday]:
	"""Birthdays from today on for so many days.

	:param may_read: only of contacts that whoever asks may read.
	"""
	last = today + datetime.timedelta(days=days)
	month_days = {(today + datetime.timedelta(days=offset)).strftime("%m-%d") for offset in range(days + 1)}
	if "02-28" in month_days:
		month_days.add("02-29")
	found = []
	for row in _contacts(month_days, may_read) + _relatives(month_days, may_read):
		born = getdate(row.birthday)
		day = next_after(born, today)
		if day <= last:
			found.append(
				Birthday(
					row.doctype,
					row.name,
					row.marker,
					row.reminded,
					row.contact,
					row.contact_name or row.contact,
					born,
					day,
					row.get("relative") or "",
					row.get("relation") or "",
				)
			)
	return found


def _month_day(column):
	return CustomFunction("DATE_FORMAT", ["date", "format"])(column, "%m-%d")


def _contacts(month_days: set[str], may_read: bool) -> list:
	contact = frappe.qb.DocType("Contact")
	query = (
		frappe.qb.from_(contact)
		.select(
			contact.name,
			contact.name.as_("contact"),
			contact.full_name.as_("contact_name"),
			contact.rule24_birthday.as_("birthday"),
			contact.rule24_birthday_reminded.as_("reminded"),
		)
		.where(_month_day(contact.rule24_birthday).isin(sorted(month_days)))
		.orderby(contact.name)
	)
	rows = (permitted.restrict(query, "Contact") if may_read else query).run(as_dict=True)
	return [frappe._dict(row, doctype="Contact", marker="rule24_birthday_reminded") for row in rows]


def _relatives(month_days: set[str], may_read: bool) -> list:
	contact, relative = frappe.qb.DocType("Contact"), frappe.qb.DocType("Contact Relative")
	query = (
		frappe.qb.from_(relative)
		.join(contact)
		.on((contact.name == relative.parent) & (relative.parenttype == "Contact"))
		.select(
			relative.name,
			relative.relative_name.as_("relative"),
			relative.relation,
			relative.birthday,
			relative.reminded_for.as_("reminded"),
			contact.name.as_("contact"),
			contact.full_name.as_("contact_name"),
		)
		.where(_month_day(relative.birthday).isin(sorted(month_days)))
		.orderby(contact.name, relative.idx)
	)
	rows = (permitted.restrict(query, "Contact") if may_read else query).run(as_dict=True)
	return [frappe._dict(row, doctype="Contact Relative", marker="reminded_for") for row in rows]


def _clients(
	birthdays: list[Birthday], fits: Callable[[frappe._dict], bool], may_read: bool = False
) -> dict[str, frappe._dict]:
	"""Contact -> its first live client that fits, customers first: `party_type, party, party_name, responsible`.

	:param may_read: only clients that whoever asks may read.
	"""
	contacts = {birthday.contact for birthday in birthdays}
	link = frappe.qb.DocType("Dynamic Link")
	found: dict[str, frappe._dict] = {}
	for kind in PARTY_TYPES:
		party = frappe.qb.DocType(kind)
		waiting = sorted(contacts - set(found))
		if not waiting:
			break
		query = (
			frappe.qb.from_(link)
			.join(party)
			.on(party.name == link.link_name)
			.select(link.parent, party.name, party[TITLE_FIELD[kind]], party[OWNER_FIELD[kind]])
			.where((link.parenttype == "Contact") & (link.link_doctype == kind) & link.parent.isin(waiting))
			.where(live_criterion(kind))
			.orderby(link.creation, link.name)
		)
		for contact, name, title, manager in (permitted.restrict(query, kind) if may_read else query).run():
			client = frappe._dict(party_type=kind, party=name, party_name=title or name, responsible=manager)
			if contact not in found and fits(client):
				found[contact] = client
	return found


def _persons(contacts: set[str]) -> dict[str, dict]:
	"""Contact -> how to reach the person, and what he likes."""
	rows = frappe.get_all(  # contacts that the user may read
		"Contact",
		{"name": ("in", sorted(contacts))},
		["name", "designation", "mobile_no", "phone", "email_id", "rule24_preferences"],
		order_by=None,
	)
	return {
		row.name: {
			"designation": row.designation,
			"phone": row.mobile_no or row.phone,
			"email": row.email_id,
			"preferences": row.rule24_preferences,
		}
		for row in rows
	}


def _works(contacts: set[str]) -> dict[str, list[tuple[str, datetime.date]]]:
	"""Contact -> open works with this person that the user may read, and their days, soonest first."""
	if not frappe.has_permission("Work", "read"):
		return {}
	rows = frappe.get_list(
		"Work",
		filters={"contact": ("in", sorted(contacts)), "status": ("in", OPEN)},
		fields=["name", "contact", "planned_on"],
		order_by="planned_on, name",
		limit=0,
	)
	found: dict[str, list] = {}
	for row in rows:
		found.setdefault(row.contact, []).append((row.name, getdate(row.planned_on)))
	return found


def _remind(birthday: Birthday, client: frappe._dict, way: str, action: str) -> bool:
	"""Remind, and note that it has been done. One that fails is logged and does not keep the others from theirs."""
	frappe.db.savepoint("rule24_birthday")
	try:
		# noted past the document: nobody who has the contact open should be told that it changed
		frappe.db.set_value(
			birthday.doctype, birthday.name, birthday.marker, birthday.day, update_modified=False
		)
		if way == WORK:
			_plan(birthday, client, action)
		else:
			_notify(birthday, client.responsible)
		return True
	except Exception:
		frappe.db.rollback(save_point="rule24_birthday")
		frappe.clear_messages()
		frappe.log_error(title=f"Rule24 CRM: no reminder of the birthday of {birthday.contact}"[:140])
		return False


def _plan(birthday: Birthday, client: frappe._dict, action: str) -> None:
	manager = client.responsible
	frappe.get_doc(
		{
			"doctype": "Work",
			"subject": birthday.words(manager)[:140],
			"action": action,
			"party_type": client.party_type,
			"party": client.party,
			"contact": birthday.contact,
			"assigned_to": manager,
			"planned_on": _working_day(birthday.day),
			"all_day": 1,
		}
	).insert(ignore_permissions=True)  # planned by the system for the responsible person


def _working_day(day: datetime.date) -> datetime.date:
	"""The day itself, or the last working day before it that has not passed."""
	calendar, today = for_company(), getdate(nowdate())
	earlier = day
	while earlier >= today:
		if calendar.is_working(earlier):
			return earlier
		earlier = getdate(add_days(earlier, -1))
	return day


def _notify(birthday: Birthday, user: str) -> None:
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"for_user": user,
			"type": "Alert",
			"document_type": "Contact",
			"document_name": birthday.contact,
			"subject": birthday.words(user),
		}
	).insert(ignore_permissions=True)  # a notice of the system to the responsible person
