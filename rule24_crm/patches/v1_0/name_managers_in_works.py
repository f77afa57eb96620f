from rule24_crm.work import links


def execute() -> None:
	"""Works from before `party_manager` get it. Safe to run twice."""
	links.repair_managers()
