"""Chart: open deals by stage, in the order in which the sales processes go through the stages."""

from collections import Counter

import frappe
from frappe import _

from rule24_crm.compat import require_permission

OPEN = ("Open", "Replied", "Quotation")


@frappe.whitelist()
def get(
	chart_name: str | None = None,
	chart: dict | str | None = None,
	no_cache: bool | str | int | None = None,
	filters: dict | list | str | None = None,
	from_date: str | None = None,
	to_date: str | None = None,
	timespan: str | None = None,
	time_interval: str | None = None,
	heatmap_year: str | int | None = None,
) -> dict:
	"""Labels and datasets as Frappe's charts want them: the deals the user may read; nothing when there are none."""
	require_permission("Opportunity", "read")
	counts = Counter(
		frappe.get_list(
			"Opportunity",
			filters={"status": ("in", OPEN)},
			pluck="sales_stage",
			limit=0,
			order_by="sales_stage",
		)
	)
	if not counts:
		return {}  # the chart shows its words for "empty" then
	stages = sorted(counts, key=_order().get)
	return {
		"labels": [_(stage) if stage else _("No Stage") for stage in stages],
		"datasets": [{"name": _("Deals"), "values": [counts[stage] for stage in stages]}],
	}


class _Order(dict):
	"""Place of a stage in its process; stages of no process come last."""

	def get(self, stage, default=None):
		return super().get(stage, 10_000 if stage else 10_001)


def _order() -> _Order:
	rows = frappe.get_all(  # the order of stages is no secret to those who see deals
		"Sales Process Stage", fields=["stage", "idx"], order_by="idx desc"
	)
	return _Order((row.stage, row.idx) for row in rows)
