"""Deal Funnel: how many deals came into each stage, went on, were lost there, are there now, and how long they stayed."""

from rule24_crm.deals import funnel


def execute(filters: dict | None = None):
	return funnel.report(filters or {})
