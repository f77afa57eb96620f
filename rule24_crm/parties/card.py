"""What the card of a client gathers under all its records: people, deals, letters and calls."""

import frappe
from frappe.utils import get_datetime

from rule24_crm.deals import contacts
from rule24_crm.parties.chain import lineage

MOST = 50
PERSON = (
	"name", "full_name", "designation", "email_id", "mobile_no", "phone", "rule24_birthday", "rule24_preferences",
)  # fmt: skip
DEAL = (
	"name", "title", "status", "sales_stage", "opportunity_amount", "total", "currency", "transaction_date", "expected_closing",
	"opportunity_owner", "opportunity_from",
)  # fmt: skip
LETTER = (
	"name", "subject", "communication_date", "sent_or_received", "communication_medium", "sender", "sender_full_name",
	"recipients", "reference_doctype", "reference_name",
)  # fmt: skip
CALL = ("name", "type", "status", "from", "to", "start_time", "duration")


def of_client(party_type: str, party: str, *, limit: int = 20) -> dict:
	"""The parts of the card. The caller has checked that the user may read the client.

	:param limit: at most so many letters and calls; people and deals come up to 50.
	:return: `{"people": [...], "deals": [...], "letters": [...]}`, or without a part whose records the user may not read.
	"""
	records = lineage(party_type, party)
	parts = {"letters": _letters(records, limit)}
	if frappe.has_permission("Contact", "read"):
		parts["people"] = _people(records)
	if frappe.has_permission("Opportunity", "read"):
		parts["deals"] = _deals(records)
	return parts


def _people(records: list[tuple[str, str]]) -> list[dict]:
	names = _linked("Contact", records)
	people = _each_once(
		frappe.get_list(
			"Contact", filters={"name": ("in", names)}, fields=list(PERSON), order_by="full_name", limit=MOST
		)
	)
	families = _families([row.name for row in people])
	return [frappe._dict(row, family=families.get(row.name, [])) for row in people]


def _families(contacts: list[str]) -> dict[str, list[dict]]:
	"""Contact -> `relative_name, relation, birthday` of each of the family."""
	found: dict[str, list[dict]] = {}
	for row in frappe.get_all(  # of contacts that the user may read
		"Contact Relative",
		filters={"parenttype": "Contact", "parent": ("in", contacts)},
		fields=["parent", "relative_name", "relation", "birthday"],
		order_by="parent, idx",
	):
		found.setdefault(row.pop("parent"), []).append(row)
	return found


def _each_once(people: list[dict]) -> list[dict]:
	"""Without those who stand here more fully: an e-mail or phone is the same, and no word of the name is another.

	A lead that turned out to be a customer brings along persons whom the customer has.
	"""
	fullest = sorted(people, key=lambda row: len(_words(row)), reverse=True)
	once: list[dict] = []
	for row in fullest:
		if not any(_reached_at(row) & _reached_at(other) and _words(row) <= _words(other) for other in once):
			once.append(row)
	return [row for row in people if row in once]


def _words(person: dict) -> set[str]:
	return set((person.full_name or "").casefold().split())


def _reached_at(person: dict) -> set[str]:
	phones = {contacts.digits(person.mobile_no), contacts.digits(person.phone)}
	return {(person.email_id or "").lower(), *phones} - {""}


def _deals(records: list[tuple[str, str]]) -> list[dict]:
	"""Open deals first, then the latest."""
	found = []
	for kind, names in _by_kind(records).items():
		found += frappe.get_list(
			"Opportunity",
			filters={"opportunity_from": kind, "party_name": ("in", names)},
			fields=list(DEAL),
			order_by="transaction_date desc, creation desc",
			limit=MOST,
		)
	found.sort(key=lambda row: str(row.transaction_date or ""), reverse=True)
	return sorted(found, key=lambda row: row.status in ("Converted", "Lost", "Closed"))[:MOST]


def _letters(records: list[tuple[str, str]], limit: int) -> list[dict]:
	"""Letters, messages and calls, the latest first. Whoever may read the client sees them, as in Frappe's timeline."""
	found: dict[str, dict] = {}
	for kind, names in _by_kind(records).items():
		for row in frappe.get_all(
			"Communication",
			filters={
				"communication_type": "Communication",
				"reference_doctype": kind,
				"reference_name": ("in", names),
			},
			fields=list(LETTER),
			order_by="communication_date desc",
			limit=limit,
		):
			found[row.name] = row
	for row in _linked_letters(records, limit):
		found[row.name] = row
	letters = [{"doctype": "Communication", "on": row.communication_date, **row} for row in found.values()]
	calls = frappe.get_all(
		"Call Log",
		filters={"name": ("in", _linked("Call Log", records))},
		fields=list(CALL),
		order_by="start_time desc",
		limit=limit,
	)
	rows = letters + [{"doctype": "Call Log", "on": row.start_time, **row} for row in calls]
	return sorted(rows, key=lambda row: get_datetime(row["on"] or "1900-01-01"), reverse=True)[:limit]


def _linked_letters(records: list[tuple[str, str]], limit: int) -> list[dict]:
	letter, link = frappe.qb.DocType("Communication"), frappe.qb.DocType("Communication Link")
	found = []
	for kind, names in _by_kind(records).items():
		found += (
			frappe.qb.from_(link)
			.join(letter)
			.on(letter.name == link.parent)
			.select(*(letter[field] for field in LETTER))
			.where(
				(letter.communication_type == "Communication")
				& (link.link_doctype == kind)
				& link.link_name.isin(names)
			)
			.orderby(letter.communication_date, order=frappe.qb.desc)
			.limit(limit)
			.run(as_dict=True)
		)
	return found


def _linked(doctype: str, records: list[tuple[str, str]]) -> list[str]:
	"""Documents of a kind that name one of these records among their links."""
	found = []
	for kind, names in _by_kind(records).items():
		found += frappe.get_all(  # which; their own rights are asked when they are read
			"Dynamic Link",
			filters={"parenttype": doctype, "link_doctype": kind, "link_name": ("in", names)},
			pluck="parent",
			order_by="creation desc",
			limit=500,
		)
	return list(dict.fromkeys(found))


def _by_kind(records: list[tuple[str, str]]) -> dict[str, list[str]]:
	kinds: dict[str, list[str]] = {}
	for kind, name in records:
		kinds.setdefault(kind, []).append(name)
	return kinds
