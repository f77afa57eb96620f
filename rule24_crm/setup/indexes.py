"""Composite indexes that the lists of Rule24 CRM live on.

`Customer`: ERPNext looks for the customer of an address, of a lead, and we for that of an INN, each time a customer or an
address is saved; without an index each of these reads the whole table. Lead, prospect and customer of one another: the deals
of a client are those of all its records.
`Work`: one for "mine, today and overdue" in the order of the list, one for the works of a client, one for the ladder of a campaign, one for
reminders. Clients: one for those of a manager, newest first. Links: one for whose a contact or address is. Measured costs:
see `docs/performance.md`.
"""

import frappe

#: DocType -> index name -> columns
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
	"Customer": {
		"rule24_primary_address": ("customer_primary_address",),
		"rule24_lead": ("lead_name",),
		"rule24_prospect": ("prospect_name",),
		"rule24_inn": ("tax_id",),
		"rule24_manager": ("account_manager", "modified"),
	},
	"Bank Account": {"rule24_party": ("party_type", "party")},
	"Work": {
		"rule24_mine": ("assigned_to", "status", "planned_on", "starts_at"),
		"rule24_party": ("party_type", "party", "status", "planned_on"),
		"rule24_ladder": ("campaign", "action", "status", "sign"),
		"rule24_remind": ("reminded_on", "remind_at"),
	},
	# what ERPNext links with a client, asked for with its deals
	"Lead": {"rule24_customer": ("customer",)},
	"Prospect Lead": {"rule24_lead": ("lead",)},
	# whose it is: counted when new ones are given out, asked by every list of a manager, newest change first
	"Prospect": {"rule24_manager": ("prospect_owner", "modified")},
	"Opportunity": {
		"rule24_manager": ("opportunity_owner", "modified"),
		# ERPNext has none: the deals of one client would be looked for among all
		"rule24_client": ("party_name", "opportunity_from"),
	},
	# offers of a deal: asked for by its gates, and locked while the deal gets another client
	"Quotation": {"rule24_deal": ("opportunity",)},
	"Quotation Item": {"rule24_deal": ("prevdoc_docname",)},
	# whose a contact or address is: asked for every one of them that a list walks past, and answered by the index alone
	"Dynamic Link": {"rule24_whose": ("parent", "parenttype", "link_doctype", "link_name")},
	"Distribution Log": {"rule24_record": ("party_type", "party")},
}


def make() -> None:
	"""Create the indexes that are missing, and anew those that had other columns in an earlier version."""
	for doctype, indexes in INDEXES.items():
		there = _columns(doctype)
		for name, columns in indexes.items():
			if there.get(name, columns) != columns:
				_drop(doctype, name)
			frappe.db.add_index(doctype, list(columns), name)


def _columns(doctype: str) -> dict[str, tuple[str, ...]]:
	"""Index name -> its columns, as the database has them."""
	found: dict[str, tuple[str, ...]] = {}
	for row in frappe.db.sql(
		f"SHOW INDEX FROM `tab{doctype}`", as_dict=True
	):  # ordered by place in the index
		found[row.Key_name] = (*found.get(row.Key_name, ()), row.Column_name)
	return found


def _drop(doctype: str, index: str) -> None:
	frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` DROP INDEX `{index}`")


def drop() -> None:
	"""Drop the indexes on tables that stay when the app goes (those of our own tables go with them)."""
	ours = set(frappe.get_all("DocType", {"module": "Rule24 CRM"}, pluck="name"))
	for doctype, indexes in INDEXES.items():
		if doctype in ours:
			continue
		for name in indexes:
			if frappe.db.has_index(f"tab{doctype}", name):
				_drop(doctype, name)
