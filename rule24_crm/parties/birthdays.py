"""Birthdays of contact persons and their families: who has one soon, and a reminder of each once, some days ahead.

Days are those of the site's time zone. Whoever was born on 29 February is congratulated on the 28th in other years.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import frappe
from frappe import _
from frappe.query_builder import CustomFunction
from frappe.query_builder.functions import Count
from frappe.utils import add_days, create_batch, formatdate, getdate, nowdate
from pypika import Case
from pypika.terms import Criterion

from rule24_crm.exceptions import PartyError
from rule24_crm.language import in_language, in_language_of
from rule24_crm.parties import permitted
from rule24_crm.parties.kinds import OWNER_FIELD, PARTY_TYPES, TITLE_FIELD
from rule24_crm.parties.live import live_criterion
from rule24_crm.parties.managers import is_active
from rule24_crm.parties.next_work import OPEN
from rule24_crm.titles import CHUNK
from rule24_crm.whole import all_or_nothing
from rule24_crm.work.rules import CLOSED
from rule24_crm.work.working_days import for_company

NOTHING, NOTICE, WORK = "Nothing", "A Notice", "A Work"
#: what holds on a site whose settings have not been saved since the fields came
DEFAULT_DAYS, DEFAULT_ACTION = 3, "Call"
SAVEPOINT = "rule24_birthday"
#: of so many birthdays the reminders are written together
PORTION = 200
#: characters that the subject of a work holds
SUBJECT = 140
#: days before or after a birthday on which a work called by it means this one, not that of another year
HALF_A_YEAR = 182


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
			return self._words()

	def subjects(self, languages: set[str]) -> set[str]:
		"""What a work that congratulates is called in each of these languages."""
		found = set()
		for language in languages:
			with in_language(language):
				found.add(self._words()[:SUBJECT])
		return found

	def _words(self) -> str:
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


def remind_daily() -> int:
	"""The daily job: as `remind`; what a portion has done stays done, and the next day goes on from there."""
	return remind(commit=frappe.db.commit)  # the job's own transaction


def remind(commit: Callable[[], None] | None = None) -> int:
	"""Remind of every birthday that has come near. A missed day is made up for, nothing comes twice.

	A person of no live client, or of clients without an active manager, waits until there is one.

	:param commit: called after every portion; only a job of its own may give it.
	:return: how many reminders went out.
	"""
	settings = frappe.get_cached_doc("Rule24 CRM Settings")
	way = settings.birthday_notice or NOTICE
	if way == NOTHING:
		return 0
	days = settings.birthday_notice_days
	near = _near(getdate(nowdate()), DEFAULT_DAYS if days is None else days)
	near = [birthday for birthday in near if birthday.reminded != birthday.day]
	active, sent = cache(is_active), 0
	for portion in create_batch(near, PORTION):
		clients = _clients(portion, lambda client: active(client.responsible))
		for birthday in portion:
			if client := clients.get(birthday.contact):
				sent += _remind(birthday, client, way, action())
		if commit:
			commit()
	return sent


def action() -> str:
	"""The Action of a work that congratulates."""
	return frappe.get_cached_doc("Rule24 CRM Settings").birthday_action or DEFAULT_ACTION


def coming(days: int, *, user: str | None = None, limit: int = 1000) -> list[dict]:
	"""Birthdays from today on for so many days, nearest first: of persons of live clients, and of their families.

	Only contacts and clients that whoever asks may read.

	:param user: only of clients this user is responsible for; `None` for all.
	:param limit: at most so many, the nearest.
	:return: dicts of `day, age, person, relation, words, contact, contact_name, designation, phone, email, preferences,
		party_type, party, party_name, responsible, work, closed`; `age` is `None` where the year of birth cannot be right;
		`work` is the first open one that congratulates this person, else the last one that has done so and is `closed`:
		called as the reminder or *Plan Work* calls it, whoever's language that was, whenever and with whatever Action it is
		planned.
	"""
	today = getdate(nowdate())
	near = _near(today, days, _seen_by(user), limit)
	clients = _clients(near, lambda client: not user or client.responsible == user, may_read=True)
	near = [each for each in near if each.contact in clients]
	if not near:
		return []
	persons, works = _persons({each.contact for each in near}), _works(near)
	found = []
	for each in near:
		found.append(
			{
				"day": each.day,
				"age": each.day.year - each.born.year if each.born.year < each.day.year else None,
				"person": each.relative or each.contact_name,
				"relation": (each.relation or "Other") if each.relative else "",
				"words": each.words(frappe.session.user),
				"contact": each.contact,
				"contact_name": each.contact_name,
				**persons[each.contact],
				**clients[each.contact],
				**works.get((each.doctype, each.name), {"work": None, "closed": False}),
			}
		)
	return found


def count_coming(days: int, *, user: str | None = None) -> int:
	"""How many birthdays `coming` finds without a limit; counted by the database, no names are read."""
	month_days, seen = _month_days(getdate(nowdate()), days), _seen_by(user)
	return sum(
		query(month_days, seen).select(Count("*")).run()[0][0] for query in (_of_contacts, _of_relatives)
	)


def check_days(doc, method: str | None = None) -> None:
	"""Validation of a Contact: nobody is born in a day to come. What stood there before stops no other change.

	:raises PartyError: a birthday of the person or the family, given now, is later than today.
	"""
	before = doc.get_doc_before_save()
	known = {row.name: row.birthday for row in before.get("rule24_family") or []} if before else {}
	given = [(doc.get("full_name") or doc.first_name, doc.rule24_birthday, before and before.rule24_birthday)]
	given += [
		(row.relative_name, row.birthday, known.get(row.name)) for row in doc.get("rule24_family") or []
	]
	for who, day, stood in given:
		if day and getdate(day) > getdate(nowdate()) and (not stood or getdate(stood) != getdate(day)):
			frappe.throw(
				_("{0}: the birthday {1} is still to come. Correct the year.").format(
					frappe.bold(frappe.utils.escape_html(who or "")), formatdate(day)
				),
				PartyError,
				title=_("Birthday"),
			)


def keep_marks(doc, method: str | None = None) -> None:
	"""Validation of a Contact: a form that was opened before the daily job does not undo what the job has noted."""
	before = doc.get_doc_before_save()
	if not before:
		return
	doc.rule24_birthday_reminded = before.rule24_birthday_reminded
	marks = {row.name: row.reminded_for for row in before.get("rule24_family") or []}
	for row in doc.get("rule24_family") or []:
		row.reminded_for = marks.get(row.name)


def _seen_by(user: str | None) -> Criterion:
	"""The condition on the table of contacts: whoever asks may read a live client of it.

	:param user: only clients this user is responsible for; `None` for all.
	"""
	contact, link = frappe.qb.DocType("Contact"), frappe.qb.DocType("Dynamic Link")
	of_client = []
	for kind in PARTY_TYPES:
		party = frappe.qb.DocType(kind)
		query = _linked(kind).select(link.parent)
		if user:
			query = query.where(party[OWNER_FIELD[kind]] == user)
		of_client.append(contact.name.isin(permitted.restrict(query, kind)))
	return Criterion.any(of_client)


def _linked(kind: str):
	"""Links of contacts to live clients of this kind."""
	link, party = frappe.qb.DocType("Dynamic Link"), frappe.qb.DocType(kind)
	return (
		frappe.qb.from_(link)
		.join(party)
		.on(party.name == link.link_name)
		.where((link.parenttype == "Contact") & (link.link_doctype == kind))
		.where(live_criterion(kind))
	)


def _month_days(today: datetime.date, days: int) -> list[str]:
	"""Month and day, "MM-DD", of all who have a birthday from today on within so many days."""
	found = set()
	for offset in range(days + 1):
		day = today + datetime.timedelta(days=offset)
		found.add(day.strftime("%m-%d"))
		if (day.month, day.day) == (2, 28) and occurs_on(datetime.date(2000, 2, 29), day.year) == day:
			found.add("02-29")
	return sorted(found)


def _near(
	today: datetime.date, days: int, seen: Criterion | None = None, limit: int | None = None
) -> list[Birthday]:
	"""Birthdays from today on for so many days, nearest first.

	:param seen: only of contacts that whoever asks may read and for which this holds, see `_seen_by`; `None`: of all.
	:param limit: at most so many.
	"""
	month_days = _month_days(today, days)
	found = [
		Birthday(
			row.doctype,
			row.name,
			row.marker,
			row.reminded,
			row.contact,
			row.contact_name or row.contact,
			getdate(row.birthday),
			next_after(getdate(row.birthday), today),
			row.get("relative") or "",
			row.get("relation") or "",
		)
		for row in _contacts(today, month_days, seen, limit) + _relatives(today, month_days, seen, limit)
	]
	return sorted(found, key=lambda each: each.day)[:limit]


def _month_day(column):
	return CustomFunction("DATE_FORMAT", ["date", "format"])(column, "%m-%d")


def _of_contacts(month_days: list[str], seen: Criterion | None):
	contact = frappe.qb.DocType("Contact")
	query = frappe.qb.from_(contact).where(_month_day(contact.rule24_birthday).isin(month_days))
	return query if seen is None else permitted.restrict(query.where(seen), "Contact")


def _of_relatives(month_days: list[str], seen: Criterion | None):
	contact, relative = frappe.qb.DocType("Contact"), frappe.qb.DocType("Contact Relative")
	query = (
		frappe.qb.from_(relative)
		.join(contact)
		.on((contact.name == relative.parent) & (relative.parenttype == "Contact"))
		.where(_month_day(relative.birthday).isin(month_days))
	)
	return query if seen is None else permitted.restrict(query.where(seen), "Contact")


def _nearest(query, birthday, today: datetime.date, limit: int | None):
	"""The query in the order of birthdays from today on."""
	month_day = _month_day(birthday)
	query = query.orderby(Case().when(month_day >= today.strftime("%m-%d"), 0).else_(1)).orderby(month_day)
	return query if limit is None else query.limit(limit)


def _contacts(today: datetime.date, month_days: list[str], seen: Criterion | None, limit: int | None) -> list:
	contact = frappe.qb.DocType("Contact")
	query = _of_contacts(month_days, seen).select(
		contact.name,
		contact.name.as_("contact"),
		contact.full_name.as_("contact_name"),
		contact.rule24_birthday.as_("birthday"),
		contact.rule24_birthday_reminded.as_("reminded"),
	)
	rows = _nearest(query, contact.rule24_birthday, today, limit).orderby(contact.name).run(as_dict=True)
	return [frappe._dict(row, doctype="Contact", marker="rule24_birthday_reminded") for row in rows]


def _relatives(
	today: datetime.date, month_days: list[str], seen: Criterion | None, limit: int | None
) -> list:
	contact, relative = frappe.qb.DocType("Contact"), frappe.qb.DocType("Contact Relative")
	query = _of_relatives(month_days, seen).select(
		relative.name,
		relative.relative_name.as_("relative"),
		relative.relation,
		relative.birthday,
		relative.reminded_for.as_("reminded"),
		contact.name.as_("contact"),
		contact.full_name.as_("contact_name"),
	)
	ordered = _nearest(query, relative.birthday, today, limit).orderby(contact.name).orderby(relative.idx)
	rows = ordered.run(as_dict=True)
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
		for waiting in create_batch(sorted(contacts - set(found)), CHUNK):
			query = (
				_linked(kind)
				.select(link.parent, party.name, party[TITLE_FIELD[kind]], party[OWNER_FIELD[kind]])
				.where(link.parent.isin(waiting))
				.orderby(link.creation, link.name)
			)
			for contact, name, title, manager in (
				permitted.restrict(query, kind) if may_read else query
			).run():
				client = frappe._dict(
					party_type=kind, party=name, party_name=title or name, responsible=manager
				)
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


def _works(birthdays: list[Birthday]) -> dict[tuple[str, str], dict]:
	"""(DocType, name) of the birthday -> `work` and whether it is `closed`, see `coming`; of works that the user may read.

	A work is known by what it is called; a birthday of another year is called the same.
	"""
	if not frappe.has_permission("Work", "read"):
		return {}
	span = datetime.timedelta(days=HALF_A_YEAR)
	rows = []
	for contacts in create_batch(sorted({each.contact for each in birthdays}), CHUNK):
		rows += frappe.get_list(
			"Work",
			filters={
				"contact": ("in", contacts),
				"status": ("in", (*OPEN, CLOSED)),
				"planned_on": ("between", [birthdays[0].day - span, birthdays[-1].day + span]),
			},
			fields=["name", "contact", "subject", "planned_on", "status"],
			order_by="planned_on, name",
			limit=0,
		)
	works: dict[str, list] = {}
	is_closed = [row for row in rows if row.status == CLOSED]
	for row in [row for row in rows if row.status != CLOSED] + is_closed[::-1]:
		works.setdefault(row.contact, []).append(row)
	found, languages = {}, _languages() if works else set()
	for each in birthdays:
		if each.contact not in works:
			continue
		subjects = each.subjects(languages)
		for row in works[each.contact]:
			if row.subject in subjects and abs(getdate(row.planned_on) - each.day) <= span:
				found[each.doctype, each.name] = {"work": row.name, "closed": row.status == CLOSED}
				break
	return found


def _languages() -> set[str]:
	"""What people of this site read: a work was called in the language of whoever planned it, or whom it was planned for."""
	read = frappe.get_all(  # only which languages there are
		"User", {"enabled": 1, "language": ("is", "set")}, pluck="language", distinct=True, order_by=None
	)
	return {*read, frappe.local.lang, frappe.db.get_default("lang") or "en"}


def _remind(birthday: Birthday, client: frappe._dict, way: str, action: str) -> bool:
	"""Remind, and note that it has been done. One that fails is logged and does not keep the others from theirs."""
	try:
		with all_or_nothing(SAVEPOINT):
			# noted past the document: nobody who has the contact open should be told that it changed
			frappe.db.set_value(
				birthday.doctype, birthday.name, birthday.marker, birthday.day, update_modified=False
			)
			if way == WORK:
				_plan(birthday, client, action)
			else:
				_notify(birthday, client.responsible)
	except frappe.QueryDeadlockError:
		raise  # nothing of this portion's is left to go on from
	except Exception:
		frappe.clear_messages()
		frappe.log_error(title=f"Rule24 CRM: no reminder of the birthday of {birthday.contact}"[:140])
		return False
	return True


def _plan(birthday: Birthday, client: frappe._dict, action: str) -> None:
	manager = client.responsible
	frappe.get_doc(
		{
			"doctype": "Work",
			"subject": birthday.words(manager)[:SUBJECT],
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
