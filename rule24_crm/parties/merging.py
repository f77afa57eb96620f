"""Two records of one client become one, through Frappe's own merge; nothing that belonged to either is lost.

Frappe re-points every link. What it would lose with the record that goes is brought over first: the rows of its tables
(segments, participants, notes), values the other record lacks, its places in campaigns.
"""

from __future__ import annotations

from collections import Counter

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.model.dynamic_links import get_dynamic_link_map
from frappe.model.rename_doc import get_link_fields

from rule24_crm.exceptions import MergeError, MergeNotPermittedError
from rule24_crm.parties import chain, managers, phase
from rule24_crm.parties.access import requisites
from rule24_crm.parties.giving_up import giving_up
from rule24_crm.parties.handover.field_writers import write_assign
from rule24_crm.parties.identity.numbers import clean
from rule24_crm.parties.kinds import OWNER_FIELD, TITLE_FIELD, check_kind
from rule24_crm.work.campaigns import members

INN_FIELD = {"Customer": "tax_id", "Lead": "rule24_tax_id", "Prospect": "rule24_tax_id"}
#: values that tell how a record stands, not what a client is
OWN = {
	"naming_series",
	"status",
	"disabled",
	"rule24_phase",
	"rule24_next_work_on",
	"rule24_successor_type",
	"rule24_successor",
}
#: rights of a share
SHARED = ("read", "write", "submit", "share")
#: as many comments as Frappe keeps in a record's column
KEPT_COMMENTS = 100
#: shares of a sum; two lists would make 200 %
WHOLE_TABLES = {"sales_team"}
#: traces of a record that nobody looks for by name
SILENT = {
	"Version",
	"Activity Log",
	"View Log",
	"Access Log",
	"Route History",
	"Document Follow",
	"Deleted Document",
}


def preview(party_type: str, source: str, target: str) -> dict:
	"""What a merge would do; writes nothing.

	:param source: the record that goes.
	:param target: the record that stays.
	:return: `{"source", "target": {"name", "title"}, "moves": [{"doctype", "count"}...], "fills": [{"label", "value"}...],
		"keeps": [{"label", "kept", "dropped"}...]}`.
	:raises MergeError: the two cannot become one.
	:raises MergeNotPermittedError: the user may not do it.
	"""
	old, new = _checked(party_type, source, target)
	title = TITLE_FIELD[party_type]
	return {
		"source": {"name": old.name, "title": old.get(title) or old.name},
		"target": {"name": new.name, "title": new.get(title) or new.name},
		"moves": [{"doctype": doctype, "count": count} for doctype, count in _links(party_type, source)],
		"fills": [
			{"label": _(field.label), "value": _shown(field, old)}
			for field in _value_fields(old, new, empty=True)
		]
		+ _further_phase_shown(old, new),
		"keeps": [
			{"label": _(field.label), "kept": _shown(field, new), "dropped": _shown(field, old)}
			for field in _value_fields(old, new, empty=False)
		],
	}


def merge(party_type: str, source: str, target: str) -> dict:
	"""Make one client of two, in one transaction; `source` is gone afterwards.

	:return: `{"party_type", "party"}` of the one that stays.
	:raises MergeError: the two cannot become one; nothing has been written.
	:raises MergeNotPermittedError: the user may not do it.
	"""
	check_kind(party_type)
	for name in sorted((source, target)):  # in one order, so that two people at once wait and not deadlock
		frappe.db.get_value(party_type, name, "name", for_update=True)
	old, new = _checked(party_type, source, target)
	leads = _origins(old)
	_carry_rows(old, new)
	_carry_values(old, new)
	_keep_further_phase(old, new)
	_share_once(party_type, source, target)
	_tag_once(party_type, source, target)
	_show_comments_and_likes(party_type, source, target)
	_one_default_account(party_type, source, target)
	members.move(party_type, source, party_type, target)
	assignable = frappe.db.has_column(party_type, "_assign")  # Frappe makes it with the first assignment
	if assignable:
		_no_assignees_is_null(party_type, source, target)
	frappe.clear_document_cache(party_type, target)
	with giving_up(old):
		frappe.rename_doc(
			party_type,
			source,
			target,
			merge=True,
			force=True,  # a site may forbid renaming; rights have just been checked, more of them than Frappe does
			show_alert=False,
		)
	_link_once(party_type, target)
	if assignable:
		write_assign(party_type, [target])
	for lead in leads:
		# deleting a Customer, ERPNext sets the Lead it came from free again
		frappe.db.set_value("Lead", lead, "status", "Converted")
	return {"party_type": party_type, "party": target}


def _no_assignees_is_null(party_type: str, *names: str) -> None:
	"""Frappe leaves an empty text when the last assignment is closed, and its merge takes that for broken JSON."""
	table = frappe.qb.DocType(party_type)
	(
		frappe.qb.update(table)
		.set(table._assign, None)
		.where(table.name.isin(names) & (table._assign == ""))
		.run()
	)


def refuse_two_inns(one, other) -> None:
	"""
	:raises MergeError: two records of clients have different INNs, so are no one client.
	"""
	inns = [clean(doc.get(INN_FIELD[doc.doctype])) for doc in (one, other)]
	if all(inns) and inns[0] != inns[1]:
		if any(requisites.of_stored(doc.doctype, doc.name) for doc in (one, other)):
			frappe.throw(
				_(
					"Different INN: these are two clients. If one of them is a mistake, ask your head of sales."
				),
				MergeError,
				title=_("Two Clients"),
			)
		frappe.throw(
			_(
				"Different INN, {0} and {1}: these are two clients. If one of them is a mistake, correct it first."
			).format(*map(frappe.bold, inns)),
			MergeError,
			title=_("Two Clients"),
		)


def _checked(party_type: str, source: str, target: str):
	"""Both records, if the user may make them one."""
	check_kind(party_type)
	old, new = frappe.get_doc(party_type, source), frappe.get_doc(party_type, target)
	if old.name == new.name:
		frappe.throw(_("A client cannot be merged with itself. Choose another one."), MergeError)
	if not (new.has_permission("write") and old.has_permission("write") and _may_give_up(old)):
		frappe.throw(
			_("Clients are merged by heads of sales who may change both of them. Ask your head of sales."),
			MergeNotPermittedError,
			title=_("Not Permitted"),
		)
	refuse_two_inns(old, new)
	if chain.successor(party_type, source) != (party_type, source) and (
		chain.successor(party_type, target) not in ((party_type, target), chain.successor(party_type, source))
	):
		frappe.throw(
			_("The two go on as different records. Merge those first."), MergeError, title=_("Two Clients")
		)
	return old, new


def _may_give_up(doc) -> bool:
	"""Whether a record may go into another. Of stock, ERPNext lets no head of sales delete a Customer; nothing is lost here."""
	return managers.is_head() or doc.has_permission("delete")


# -- what is brought over -----------------------------------------------------------------------------------------------


def _value_fields(old, new, empty: bool) -> list:
	"""Fields whose value the record that stays lacks (`empty`), or has otherwise. A manager who has left counts as lacking."""
	found, left = [], _manager_has_left(old, new)
	for field in old.meta.fields:
		if (
			field.fieldtype in (*no_value_fields, *table_fields)
			or field.fieldname in OWN
			or field.get("is_virtual")
			or not old.get(field.fieldname)
			or old.get(field.fieldname) == new.get(field.fieldname)
			or field.fieldtype in ("Check", "HTML Editor", "Image")
		):
			continue
		lacks = not new.get(field.fieldname) or (left and field.fieldname == OWNER_FIELD[new.doctype])
		if empty and lacks:
			found.append(field)
		elif (
			not empty and not lacks and new.get(field.fieldname) and not field.hidden and not field.read_only
		):
			found.append(field)
	return found


def _manager_has_left(old, new) -> bool:
	"""Whether the record that stays is with nobody active, while the one that goes is."""
	theirs, own = (doc.get(OWNER_FIELD[doc.doctype]) for doc in (old, new))
	return not managers.is_active(own) and managers.is_active(theirs)


def _shown(field, doc) -> str:
	"""A value in words; not the requisites that are hidden from whoever asks."""
	if field.fieldname in requisites.FIELDS[doc.doctype] and requisites.of_stored(doc.doctype, doc.name):
		return _("not shown")
	if field.fieldtype == "Link" and field.options == "User":
		return frappe.utils.get_fullname(doc.get(field.fieldname))
	return frappe.format_value(doc.get(field.fieldname), field, doc)


def _keep_further_phase(old, new) -> None:
	"""Who buys is no potential client because somebody has entered him twice, nor lost who is still talked with."""
	if further := _further_phase(old, new):
		phase.set_phase(new.doctype, new.name, further)


def _further_phase(old, new) -> str | None:
	"""The phase that the record that stays takes over. A phase that is none of ours is neither given nor replaced."""
	now, other = (doc.get(phase.FIELD) or phase.POTENTIAL for doc in (new, old))
	known = now in phase.FURTHER and other in phase.FURTHER
	return other if known and phase.FURTHER.index(other) > phase.FURTHER.index(now) else None


def _further_phase_shown(old, new) -> list[dict]:
	further = _further_phase(old, new)
	return [{"label": _(new.meta.get_label(phase.FIELD)), "value": _(further)}] if further else []


def _carry_values(old, new) -> None:
	values = {field.fieldname: old.get(field.fieldname) for field in _value_fields(old, new, empty=True)}
	if values:
		frappe.db.set_value(new.doctype, new.name, values)


def _carry_rows(old, new) -> None:
	"""Rows of the tables go over as they are, except those the other record has just so."""
	for table in old.meta.get_table_fields():
		if table.fieldname in WHOLE_TABLES and new.get(table.fieldname):
			continue
		fields = [
			field.fieldname
			for field in frappe.get_meta(table.options).fields
			if field.fieldtype not in no_value_fields and not field.no_copy
		]

		def content(row, fields=fields):
			return tuple(str(row.get(field) or "") for field in fields)

		there = {content(row) for row in new.get(table.fieldname)}
		place = len(new.get(table.fieldname))
		for row in old.get(table.fieldname):
			if content(row) in there:
				continue
			there.add(content(row))
			place += 1
			frappe.db.set_value(
				table.options, row.name, {"parent": new.name, "idx": place}, update_modified=False
			)


def _share_once(party_type: str, source: str, target: str) -> None:
	"""Who has been let at both records keeps one share, with the rights of both."""
	fields = ["name", "user", "everyone", *SHARED]
	here, there = (
		{
			(share.user, share.everyone): share
			for share in frappe.get_all(  # everybody's
				"DocShare", {"share_doctype": party_type, "share_name": name}, fields, order_by=None
			)
		}
		for name in (target, source)
	)
	for who in here.keys() & there.keys():
		more = {right: 1 for right in SHARED if there[who][right] and not here[who][right]}
		if more:
			frappe.db.set_value("DocShare", here[who].name, more)
		frappe.db.delete("DocShare", {"name": there[who].name})


def _tag_once(party_type: str, source: str, target: str) -> None:
	"""The tags of both; Frappe re-points their links, not the column that lists show."""
	if not frappe.db.has_column(party_type, "_user_tags"):  # made with the first tag
		return
	old, new = (
		[tag for tag in (frappe.db.get_value(party_type, name, "_user_tags") or "").split(",") if tag]
		for name in (source, target)
	)
	if more := [tag for tag in old if tag not in new]:
		frappe.db.set_value(
			party_type, target, "_user_tags", "," + ",".join([*new, *more]), update_modified=False
		)
	if new:
		frappe.db.delete(
			"Tag Link", {"document_type": party_type, "document_name": source, "tag": ("in", new)}
		)


def _show_comments_and_likes(party_type: str, source: str, target: str) -> None:
	"""The comments and letters that lists count, in their order, and who likes the record: rows move, columns do not."""
	values = {}
	for column in ("_comments", "_liked_by"):
		if frappe.db.has_column(party_type, column):  # made with the first one
			new, old = (
				frappe.parse_json(frappe.db.get_value(party_type, name, column) or "[]")
				for name in (target, source)
			)
			if more := [each for each in old if each not in new]:
				values[column] = [*new, *more]
	if "_comments" in values:
		said = {each["name"]: each for each in values["_comments"]}
		written = {
			name: creation
			for doctype in ("Comment", "Communication")
			for name, creation in frappe.get_all(  # of these two records
				doctype, {"name": ("in", list(said))}, ["name", "creation"], order_by=None, as_list=True
			)
		}
		values["_comments"] = [said[name] for name in sorted(written, key=written.get)][-KEPT_COMMENTS:]
	if values:
		frappe.db.set_value(
			party_type,
			target,
			{column: frappe.as_json(value, indent=None) for column, value in values.items()},
			update_modified=False,
		)


def _one_default_account(party_type: str, source: str, target: str) -> None:
	at = {"party_type": party_type, "is_default": 1}
	if frappe.db.exists("Bank Account", {**at, "party": target}):
		frappe.db.set_value("Bank Account", {**at, "party": source}, "is_default", 0)


def _origins(doc) -> list[str]:
	lead = doc.doctype == "Customer" and doc.get("lead_name")
	return [lead] if lead and frappe.db.exists("Lead", {"name": lead, "status": "Converted"}) else []


def _link_once(party_type: str, party: str) -> None:
	"""A Contact or Address that belonged to both now names the client twice."""
	seen = set()
	for row in frappe.get_all(  # all of them, whoever may see them
		"Dynamic Link",
		{"link_doctype": party_type, "link_name": party},
		["name", "parenttype", "parent"],
		order_by="creation",
	):
		if (row.parenttype, row.parent) in seen:
			frappe.db.delete("Dynamic Link", {"name": row.name})
			frappe.clear_document_cache(row.parenttype, row.parent)
		seen.add((row.parenttype, row.parent))


# -- what hangs on a record ---------------------------------------------------------------------------------------------


def _links(party_type: str, party: str) -> list[tuple[str, int]]:
	"""(DocType, number of documents) that point at a client, most first; rows count as their documents."""
	found: Counter = Counter()
	for link in get_link_fields(party_type):
		if not link.issingle:
			_count(found, link.parent, {link.fieldname: party})
	for link in get_dynamic_link_map().get(party_type, []):
		if not frappe.get_meta(link.parent).issingle:
			_count(found, link.parent, {link.options: party_type, link.fieldname: party})
	return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def _count(found: Counter, doctype: str, filters: dict) -> None:
	meta = frappe.get_meta(doctype)
	if doctype in SILENT or meta.get("is_virtual") or not frappe.db.table_exists(doctype):
		return
	if not meta.istable:
		if count := frappe.db.count(doctype, filters):
			found[doctype] += count
		return
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.parenttype, table.parent).distinct()
	for field, value in filters.items():
		query = query.where(table[field] == value)
	for parent_type, _parent in query.run():
		found[parent_type] += 1
