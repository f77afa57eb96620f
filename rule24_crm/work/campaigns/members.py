"""The list of a campaign. Tens of thousands of rows, so everything here is set-based."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import frappe
from frappe import _
from frappe.query_builder import Case
from frappe.utils import now

from rule24_crm.exceptions import CampaignError
from rule24_crm.parties.kinds import check_kind, titles
from rule24_crm.parties.next_work import OPEN

CHUNK = 2_000
MEMBER = "Work Campaign Member"
#: columns of a member that come from its client
_FIELDS = (
	"name", "creation", "modified", "owner", "modified_by", "docstatus", "idx", "campaign", "party_type", "party",
	"party_name", "contact", "email", "phone",
)  # fmt: skip
#: DocType -> its own e-mail and phone fields, for clients without a contact
_OWN = {
	"Customer": ("email_id", ("mobile_no",)),
	"Lead": ("email_id", ("mobile_no", "phone")),
	"Prospect": ("", ()),
}


def add(campaign: str, party_type: str, names: Iterable[str]) -> int:
	"""Put clients on the list of a campaign; who is there already stays as he is.

	:param names: names of records of `party_type` that the caller may see.
	:return: how many are new.
	:raises CampaignError: some of them do not exist.
	"""
	check_kind(party_type)
	added = 0
	for chunk in _chunks(dict.fromkeys(names)):
		shown = titles(party_type, chunk)
		if len(shown) != len(chunk):
			missing = [name for name in chunk if name not in shown]
			raise CampaignError(
				_("{0} {1} does not exist. Nothing has been added.").format(
					_(party_type), ", ".join(missing[:5])
				)
			)
		there = set(
			frappe.get_all(
				MEMBER,
				{"campaign": campaign, "party_type": party_type, "party": ("in", chunk)},
				pluck="party",
				order_by=None,
			)
		)
		new = [name for name in chunk if name not in there]
		if not new:
			continue
		contacts = contacts_of(party_type, new)
		stamp, user = now(), frappe.session.user
		before = _count(campaign)
		frappe.db.bulk_insert(
			MEMBER,
			_FIELDS,
			[
				(
					frappe.generate_hash(length=10),
					stamp,
					stamp,
					user,
					user,
					0,
					0,
					campaign,
					party_type,
					name,
					(shown[name] or name)[:140],
					*contacts[name],
				)
				for name in new
			],
			# somebody else may be adding the same client at this moment: the unique index decides
			ignore_duplicates=True,
		)
		added += _count(campaign) - before
	return added


def add_selected(
	campaign: str, party_type: str, *, names: list | None = None, filters=None
) -> dict[str, int]:
	"""Put clients on the list that the user chose by name, or by a filter of their list.

	:return: `{"selected", "added", "already"}`.
	:raises CampaignError: neither names nor a filter are given, or a name is not there or not for this user.
	"""
	check_kind(party_type)
	if names is None and filters is None:
		raise CampaignError(_("Choose clients, or give a filter."))
	if names is None:
		seen = frappe.get_list(
			party_type, filters=filters, pluck="name", order_by="name asc", limit_page_length=0
		)
	else:
		wanted = list(dict.fromkeys(str(name) for name in names))
		seen = []
		for chunk in _chunks(wanted):
			seen += frappe.get_list(
				party_type,
				filters={"name": ("in", chunk)},
				pluck="name",
				order_by="name asc",
				limit_page_length=0,
			)
		if missing := set(wanted) - set(seen):
			raise CampaignError(
				_("{0} {1} does not exist, or is not for you to see. Nothing has been added.").format(
					_(party_type), ", ".join(sorted(missing)[:5])
				)
			)
	added = add(campaign, party_type, seen)
	return {"selected": len(seen), "added": added, "already": len(seen) - added}


def remove(campaign: str, names: Iterable[str]) -> int:
	"""Take members off the list.

	:param names: names of Work Campaign Member.
	:return: how many were taken off.
	:raises CampaignError: some of them have open works in the campaign; those would lose their place.
	"""
	names = list(names)
	rows = frappe.get_all(
		MEMBER,
		{"campaign": campaign, "name": ("in", names)},
		["name", "party_name", "work"],
		order_by="name asc",
	)
	busy = [row.party_name for row in rows if row.work]
	if busy:
		raise CampaignError(
			_("Open works exist with: {0}. Close or cancel them first.").format(", ".join(busy[:5]))
		)
	frappe.db.delete(MEMBER, {"name": ("in", [row.name for row in rows])})
	return len(rows)


def contacts_of(party_type: str, names: list[str]) -> dict[str, tuple[str | None, str | None, str | None]]:
	"""(contact, e-mail, phone) of each client: its main contact, else its first one, else its own e-mail and phone."""
	link, contact = frappe.qb.DocType("Dynamic Link"), frappe.qb.DocType("Contact")
	rows = (
		frappe.qb.from_(link)
		.join(contact)
		.on(contact.name == link.parent)
		.select(
			link.link_name,
			contact.name,
			contact.email_id,
			Case().when(contact.mobile_no != "", contact.mobile_no).else_(contact.phone).as_("phone"),
		)
		.where(
			(link.parenttype == "Contact") & (link.link_doctype == party_type) & link.link_name.isin(names)
		)
		.orderby(contact.is_primary_contact, order=frappe.qb.desc)
		.orderby(contact.creation)
		.orderby(contact.name)
		.run(as_dict=True)
	)
	found: dict[str, tuple] = {}
	for row in rows:
		# The main contact counts; another one only helps out with an e-mail or phone the main one lacks.
		main, email, phone = found.get(row.link_name, (row.name, None, None))
		found[row.link_name] = (main, email or row.email_id or None, phone or row.phone or None)

	email_field, phone_fields = _OWN[party_type]
	lacking = [name for name in names if email_field and not all(found.get(name, (None, None, None))[1:])]
	if lacking:
		for row in frappe.get_all(
			party_type, {"name": ("in", lacking)}, ["name", email_field, *phone_fields], order_by=None
		):
			main, email, phone = found.get(row.name, (None, None, None))
			own = next((row[field] for field in phone_fields if row[field]), None)
			found[row.name] = (main, email or row[email_field] or None, phone or own)
	return {name: found.get(name, (None, None, None)) for name in names}


def look_up_again(rows: list, *, write: bool = True) -> None:
	"""Bring contact, e-mail and phone of members up to date with their clients; what was given by hand stays.

	:param rows: dicts of members with `name`, `party_type`, `party`, `contact`, `email`, `phone` and `contact_by_hand`;
		they are changed in place.
	:param write: keep what has changed.
	"""
	fields = ("contact", "email", "phone")
	for party_type in {row.party_type for row in rows}:
		ours = [row for row in rows if row.party_type == party_type and not row.contact_by_hand]
		found = contacts_of(party_type, list({row.party for row in ours})) if ours else {}
		for row in ours:
			values = dict(zip(fields, found[row.party], strict=True))
			if any((row[field] or None) != values[field] for field in fields):
				row.update(values)
				if write:
					frappe.db.set_value(MEMBER, row.name, values, update_modified=False)


def move(
	from_type: str,
	from_name: str,
	to_type: str,
	to_name: str,
	opportunity: str | None = None,
	campaign: str | None = None,
):
	"""The client goes on as another record (a lead, a customer): so does its place in every campaign.

	Where the other record is a member already, the two become one, and the place with letters and works is kept.

	:param opportunity: the deal the client has now.
	:param campaign: mark the deal in this campaign only, in none if it is empty; without it in all of them.
	"""
	member = frappe.qb.DocType(MEMBER)
	marks = {}
	if to_type == "Lead":
		marks["lead"] = to_name
	if opportunity and campaign != "":
		marks["opportunity"] = opportunity
	if (from_type, from_name) != (to_type, to_name):
		title = titles(to_type, [to_name]).get(to_name) or to_name
		theirs = frappe.get_all(
			MEMBER, {"party_type": to_type, "party": to_name}, pluck="campaign", order_by=None
		)
		if theirs:
			_merge(from_type, from_name, to_type, to_name, theirs)
		query = frappe.qb.update(member).where((member.party_type == from_type) & (member.party == from_name))
		if from_type == "Lead":
			query = query.set(member.lead, from_name)
		query.set(member.party_type, to_type).set(member.party, to_name).set(
			member.party_name, title[:140]
		).run()
	if marks:
		query = frappe.qb.update(member).where((member.party_type == to_type) & (member.party == to_name))
		if campaign:
			query = query.where(member.campaign == campaign)
		for field, value in marks.items():
			query = query.set(member[field], value)
		query.run()


def _merge(from_type: str, from_name: str, to_type: str, to_name: str, campaigns: list[str]):
	fields = [
		"letter_state",
		"letter_sent_on",
		"work",
		"last_action",
		"last_sign",
		"assigned_to",
		"contact",
		"email",
		"phone",
		"lead",
		"opportunity",
	]
	for campaign in campaigns:
		old = frappe.db.get_value(
			MEMBER,
			{"campaign": campaign, "party_type": from_type, "party": from_name},
			["name", *fields],
			as_dict=True,
		)
		if not old:
			continue
		new = frappe.db.get_value(
			MEMBER,
			{"campaign": campaign, "party_type": to_type, "party": to_name},
			["name", *fields],
			as_dict=True,
		)
		kept = {field: old[field] for field in fields if old[field] and not new[field]}
		if kept:
			frappe.db.set_value(MEMBER, new.name, kept, update_modified=False)
		frappe.db.delete(MEMBER, {"name": old.name})


def rename_party(party_type: str, party: str):
	"""Bring the name of a client in its campaigns up to date."""
	title = titles(party_type, [party]).get(party)
	if not title:
		return
	member = frappe.qb.DocType(MEMBER)
	(
		frappe.qb.update(member)
		.set(member.party_name, title[:140])
		.where(
			(member.party_type == party_type) & (member.party == party) & (member.party_name != title[:140])
		)
		.run()
	)


# what works tell the list


def on_work_update(work, method: str | None = None):
	"""A work has been made, closed, cancelled, handed over or moved: keep its member in step (hook of Work)."""
	before = work.get_doc_before_save()
	if not work.campaign and not (before and before.campaign):
		return
	followed = ("status", "assigned_to", "planned_on", "campaign", "party_type", "party")
	if before and all(str(before.get(field) or "") == str(work.get(field) or "") for field in followed):
		return
	# An effect of closing may have moved client and works on to another record already.
	party = frappe.db.get_value("Work", work.name, ["campaign", "party_type", "party"])
	if work.status == "Closed" and all(party):
		member = frappe.qb.DocType(MEMBER)
		query = (
			frappe.qb.update(member)
			.set(member.last_action, work.action)
			.set(member.last_sign, work.sign or "")
		)
		if work.opportunity:
			query = query.set(member.opportunity, work.opportunity)
		query.where(_is(member, *party)).run()
	places = {tuple(party)}
	if before:
		places.add((before.campaign, before.party_type, before.party))
	for campaign, party_type, name in places:
		if campaign and name:
			_refresh_work(campaign, (party_type, name))


def on_work_trashed(work, method: str | None = None):
	"""A work is about to be deleted: neither member nor campaign may hold on to it (hook of Work)."""
	frappe.db.set_value(MEMBER, {"work": work.name}, "work", None, update_modified=False)
	frappe.db.set_value(
		"Work Campaign", {"parent_work": work.name}, "parent_work", None, update_modified=False
	)


def on_work_deleted(work, method: str | None = None):
	"""A work has been deleted: the member goes over to the next open one (hook of Work)."""
	if work.campaign and work.party:
		_refresh_work(work.campaign, (work.party_type, work.party))


def refresh_works(campaign: str):
	"""Set the current work and the responsible manager of every member anew, in one statement."""
	_refresh_work(campaign, None)


def _refresh_work(campaign: str, party: tuple[str, str] | None):
	values = {"campaign": campaign, "open": OPEN}
	only = ""
	if party:
		only = "and m.party_type = %(party_type)s and m.party = %(party)s"
		values.update(party_type=party[0], party=party[1])
	# The query builder leaves the brackets off a query within SET, so these two are written out; all values are bound.
	frappe.db.sql(
		f"""update `tabWork Campaign Member` m
		set m.work = (
			select w.name from `tabWork` w
			where w.party_type = m.party_type and w.party = m.party and w.campaign = m.campaign and w.status in %(open)s
			order by w.planned_on, w.name limit 1
		)
		where m.campaign = %(campaign)s {only}""",
		values,
	)
	# Whoever has the open work is responsible; when there is none, whoever had the last one stays.
	frappe.db.sql(
		f"""update `tabWork Campaign Member` m join `tabWork` w on w.name = m.work
		set m.assigned_to = w.assigned_to
		where m.campaign = %(campaign)s {only}""",
		values,
	)


def follow_works(works: Iterable[str]):
	"""These open works have gone to somebody else: whoever has the open work is responsible for the member."""
	member, work = frappe.qb.DocType(MEMBER), frappe.qb.DocType("Work")
	for chunk in _chunks(works):
		theirs = (
			frappe.qb.from_(work)
			.select(work.name, work.assigned_to.as_("manager"))
			.where(work.name.isin(chunk))
		)
		(
			frappe.qb.update(member)
			.join(theirs)
			.on(theirs.name == member.work)
			.set(member.assigned_to, theirs.manager)
			.where(member.work.isin(chunk))
			.run()
		)


def _is(member, campaign: str, party_type: str, party: str):
	return (member.campaign == campaign) & (member.party_type == party_type) & (member.party == party)


def counts(campaign: str) -> dict[str, int]:
	"""What the form shows above everything else."""
	# several aggregates in one pass, as text: the query builder cannot write them all; values are bound
	rows = frappe.db.sql(
		"""select count(*) as members,
			coalesce(sum(email is not null and email != ''), 0) as with_email,
			coalesce(sum(letter_state = 'Sent'), 0) as letters,
			coalesce(sum(work is not null and work != ''), 0) as with_work,
			coalesce(sum(last_sign = 'Plus'), 0) as plus,
			coalesce(sum(last_sign = 'Minus'), 0) as minus
		from `tabWork Campaign Member` where campaign = %s""",
		campaign,
		as_dict=True,
	)
	return {key: int(value) for key, value in rows[0].items()}


def _count(campaign: str) -> int:
	return frappe.db.count(MEMBER, {"campaign": campaign})


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
	names = list(names)
	for start in range(0, len(names), CHUNK):
		yield names[start : start + CHUNK]
