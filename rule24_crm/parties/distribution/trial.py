"""A dry run of the rules: who would get the records that are there. Nothing is written."""

import frappe
from frappe import _
from frappe.utils import cint

from rule24_crm.exceptions import DistributionError
from rule24_crm.parties.distribution import rules
from rule24_crm.parties.distribution.deciding import Distributor
from rule24_crm.parties.kinds import OWNER_FIELD, TITLE_FIELD

MOST = 1000
OWNERS = {**OWNER_FIELD, "Opportunity": "opportunity_owner"}
TITLES = {**TITLE_FIELD, "Opportunity": "title"}


def run(party_type: str, *, filters=None, rule: str | None = None, limit: int = 100) -> dict:
	"""Decide for existing records, newest first, as if they were new and came in this order.

	:param party_type: Lead, Prospect, Customer or Opportunity.
	:param filters: a list filter; only records the user may read.
	:param rule: ask just this rule, even if it is switched off; otherwise all that are on.
	:param limit: at most so many records.
	:return: `{"rows": [{"name", "title", "now", "manager", "rule", "explanation", "candidates"}], "by_manager":
		[{"manager", "count"}], "names": {user: full name}}`; rows that no rule fits have no `rule`.
	:raises DistributionError: there is no such kind of record or rule.
	"""
	if party_type not in rules.APPLIES:
		_refuse(_("{0} is nothing that a rule gives out.").format(frappe.bold(party_type)))
	if rule and not frappe.db.get_value(rules.DOCTYPE, rule, rules.APPLIES[party_type]):
		_refuse(_("The rule does not give out {0}.").format(frappe.bold(_(party_type))))
	distributor = Distributor(party_type, dry=True, only=rule)
	names = frappe.get_list(
		party_type,
		filters=filters,
		pluck="name",
		order_by="creation desc",
		limit=min(max(cint(limit), 1), MOST),
	)
	records = _records(party_type, names, distributor.rules)
	rows = []
	for values, decision in zip(records, distributor.decide(records), strict=True):
		rows.append(
			{
				"name": values["name"],
				"title": values.get(TITLES[party_type]) or values["name"],
				"now": values.get(OWNERS[party_type]),
				"manager": decision.manager,
				"rule": decision.rule,
				"explanation": decision.explanation,
				"candidates": decision.candidate_lines(),
			}
		)
	counts: dict[str, int] = {}
	for row in rows:
		counts[row["manager"]] = counts.get(row["manager"], 0) + 1
	ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
	people = {user for row in rows for user in (row["now"], row["manager"]) if user}
	return {
		"rows": rows,
		"by_manager": [{"manager": user, "count": number} for user, number in ordered],
		"names": {user: frappe.utils.get_fullname(user) for user in people},
	}


def _records(party_type: str, names: list[str], asked: list[rules.Rule]) -> list[dict]:
	"""All columns of the records, and the rows of those tables that conditions ask about: one query each."""
	found = {
		row.name: row
		for row in frappe.get_all(party_type, {"name": ("in", [*names, ""])}, ["*"], order_by=None)
	}
	meta = frappe.get_meta(party_type)
	tables = {condition.field for rule in asked for condition in rule.conditions if condition.row_field}
	for field in tables | {"segments"}:
		if not meta.has_field(field):
			continue
		for row in found.values():
			row[field] = []
		for row in frappe.get_all(  # parts of records that the user may read
			meta.get_field(field).options,
			{"parenttype": party_type, "parent": ("in", [*names, ""]), "parentfield": field},
			["*"],
			order_by="idx",
		):
			found[row.parent][field].append(row)
	return [found[name] for name in names]


def _refuse(message: str) -> None:
	frappe.throw(message, DistributionError)
