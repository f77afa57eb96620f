"""The register of the demo: the head leads three managers, each with market segments, and rules give out what is new."""

import frappe

from rule24_crm.setup.demo import people

SEGMENTS = ("Производство", "Торговля", "Услуги", "Государственные заказчики")
#: user -> segments, works a day
REGISTER = {
	people.HEAD: (("Государственные заказчики",), 10),
	people.MANAGERS[0]: (("Производство",), 30),
	people.MANAGERS[1]: (("Торговля", "Услуги"), 25),
	people.MANAGERS[2]: (("Услуги",), 30),
}
RULES = (
	{
		"title": "Сегмент известен: менеджеры сегмента по очереди",
		"priority": 20,
		"for_lead": 1,
		"for_prospect": 1,
		"for_customer": 1,
		"give_to": "Managers of the Segment",
		"choose_by": "Turn",
		"conditions": [{"field": "market_segment", "operator": "Is Set"}],
	},
	{
		"title": "Остальные лиды: кто свободнее",
		"priority": 10,
		"for_lead": 1,
		"give_to": "Listed Managers",
		"choose_by": "Free Capacity",
		"managers": [{"manager": user} for user in people.MANAGERS],
	},
)


def make() -> None:
	"""Make what is missing of it."""
	for name in SEGMENTS:
		if not frappe.db.exists("Market Segment", name):
			frappe.get_doc({"doctype": "Market Segment", "market_segment": name}).insert()
	for user, (segments, capacity) in REGISTER.items():
		if frappe.db.exists("Account Manager", user):
			continue
		manager = frappe.get_doc(
			{
				"doctype": "Account Manager",
				"user": user,
				"active": 1,
				"capacity_per_day": capacity,
				"reports_to": None if user == people.HEAD else people.HEAD,
			}
		)
		manager.extend("segments", [{"segment": segment} for segment in segments])
		manager.insert()
	for rule in RULES:
		if not frappe.db.exists("Distribution Rule", rule["title"]):
			frappe.get_doc({"doctype": "Distribution Rule", **rule}).insert()
	settings = frappe.get_doc("Rule24 CRM Settings")
	if not settings.fallback_manager:
		settings.fallback_manager = people.HEAD
		settings.save()
