"""What ERPNext computes for a Lead as it is saved, and which Leads need a look by ERPNext itself. See `bulk`."""

from __future__ import annotations

from collections import Counter, defaultdict

import frappe
from erpnext.selling.doctype.customer.customer import parse_full_name
from frappe.utils import cint

from rule24_crm.compat import single_value
from rule24_crm.history import ADDED, ROW_CHANGED, History
from rule24_crm.parties.importing.records import Plan
from rule24_crm.parties.record_names import DATA_LENGTH

EXTENSION = "rule24_extension"
#: bases of names that are numbered in one statement
CHUNK = 50
#: room for the number after the name of a namesake
_NUMBER_LENGTH = 10


def lead_name(plan: Plan) -> str:
	"""As `Lead.set_lead_name`: the person, else the company."""
	lead = plan.party
	person = " ".join(
		filter(None, (lead[field] for field in ("first_name", "middle_name", "last_name")))
		if lead["first_name"]
		else ()
	)
	return person or lead["company_name"] or lead["email_id"].split("@")[0]


def title(plan: Plan) -> str:
	"""As `Lead.set_title`."""
	return plan.party["company_name"] or lead_name(plan)


def computed(plan: Plan) -> dict:
	"""Fields of a Lead that saving it fills in; not those that its contact gives it afterwards."""
	lead, name = plan.party, lead_name(plan)
	values = {"lead_name": name, "title": title(plan)}
	if lead["email_id"]:
		values["image"] = ""  # a picture of the network, which an import asks nobody for
	if plan.contact_by_erpnext and not any(
		(lead["first_name"], lead["middle_name"], lead["last_name"])
	):  # the contact has given the lead its name before ERPNext looks for one that came as a whole
		parts = parse_full_name(name)
		values.update(zip(("first_name", "middle_name", "last_name"), parts, strict=True))
		values["lead_name"] = " ".join(filter(None, parts))
	return values


def numbers(plan: Plan) -> dict:
	"""As `erpnext.crm.utils.update_lead_phone_numbers`: the numbers of a Lead are those of its contact."""
	if not plan.phones:
		return {}
	first = plan.phones[0]["phone"]
	return {
		field: next((row["phone"] for row in plan.phones if row[mark]), first)
		for field, mark in (("phone", "is_primary_phone"), ("mobile_no", "is_primary_mobile_no"))
	}


def apart(plans: list[Plan]) -> set[int]:
	"""Leads that ERPNext may refuse, by their `id`: of a colleague's e-mail, of one that another Lead has, of an endless name."""
	emails = Counter(plan.party["email_id"] for plan in plans if plan.party["email_id"])
	wanted = [*emails, ""]
	doubtful = set(
		frappe.get_all("User", {"name": ("in", wanted)}, pluck="name", order_by=None)
	)  # whoever imports: nobody is responsible for himself
	if not cint(single_value("CRM Settings", "allow_lead_duplication_based_on_emails")):
		doubtful.update(
			frappe.get_all("Lead", {"email_id": ("in", wanted)}, pluck="email_id", order_by=None)
		)  # leads of whomever
		doubtful.update(email for email, count in emails.items() if count > 1)
	doubtful = {email.lower() for email in doubtful if email}
	return {
		id(plan)
		for plan in plans
		if plan.party["email_id"] in doubtful or len(lead_name(plan)) > DATA_LENGTH - _NUMBER_LENGTH
	}


def contact_names(full_names: list[str], taken: set[str], key) -> list[str]:
	"""As `Contact.autoname` without a client yet: namesakes get numbers, after the highest there is.

	:param full_names: persons, in their order.
	:param taken: keys of those of them that are names of contacts already.
	:param key: of a name: what MariaDB holds for the same has the same one.
	"""
	count = Counter(map(key, full_names))
	numbered = {key(name): name for name in full_names if key(name) in taken or count[key(name)] > 1}
	highest = _highest(numbered)
	names, used = [], set(taken)
	for name in full_names:
		base = key(name)
		if base in used:
			highest[base] += 1
			name = f"{name}-{highest[base]}"
		used.add(base)
		names.append(name)
	return names


def keep_history(emails: list[dict], phones: list[dict], links: list[dict]) -> None:
	"""The Versions of contacts that ERPNext makes with a Lead: linked to it once it is there, then given all the file has.

	:param emails: rows of the contacts' tables as they are written; so are `phones` and `links`.
	"""
	linked, completed = History("Contact"), History("Contact")
	for row in links:
		linked.row(row["parent"], ADDED, ["links", {**row, "doctype": "Dynamic Link"}])
	for doctype, field, rows in (
		("Contact Email", "email_ids", emails),
		("Contact Phone", "phone_nos", phones),
	):
		for row in rows:
			if row["idx"] > 1:
				completed.row(row["parent"], ADDED, [field, {**row, "doctype": doctype}])
			elif row.get(EXTENSION):
				change = [field, 0, row["name"], [[EXTENSION, None, row[EXTENSION]]]]
				completed.row(row["parent"], ROW_CHANGED, change)
	for history in (linked, completed):
		history.write(links[0]["creation"], links[0]["owner"])


def _highest(bases: dict[str, str]) -> dict[str, int]:
	"""The highest number that a namesake of each has."""
	found: dict[str, int] = defaultdict(int)
	wanted = list(bases.items())
	for start in range(0, len(wanted), CHUNK):
		chunk = wanted[start : start + CHUNK]
		one = (
			"(select %s as base, max(cast(substring(name, char_length(%s) + 2) as unsigned)) from `tabContact` "
			"where name like %s and substring(name, char_length(%s) + 2) regexp '^[0-9]+$')"
		)
		rows = frappe.db.sql(  # only placeholders are put together; a name is read from the index by its beginning
			" union all ".join([one] * len(chunk)),
			[value for base, name in chunk for value in (base, name, f"{_literally(name)}-%", name)],
		)
		found.update({base: number for base, number in rows if number})
	return found


def _literally(text: str) -> str:
	return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
