"""Deadlines of contracts under control: before a contract ends, or has to be fulfilled, its manager gets a work."""

import frappe
from frappe import _
from frappe.utils import add_days, formatdate, getdate, nowdate

from rule24_crm.compat import single_value
from rule24_crm.deals.client import records_of
from rule24_crm.language import in_language_of
from rule24_crm.parties.kinds import responsibles
from rule24_crm.whole import all_or_nothing
from rule24_crm.work.working_days import for_company

SAVEPOINT = "rule24_deadline"

#: date of a Contract -> field that names the work planned for it
DEADLINES = {"end_date": "rule24_renewal_work", "fulfilment_deadline": "rule24_fulfilment_work"}
_DEAL = ["name", "opportunity_owner", "opportunity_from", "party_name"]


def subject_of(date_field: str) -> str:
	"""What the work for a deadline is called; with places for the contract and the day."""
	if date_field == "end_date":
		return _("Contract {0} ends on {1}: agree on what follows")
	return _("Contract {0} must be fulfilled by {1}")


def plan_works() -> int:
	"""Plan a work for every submitted contract whose deadline comes near. Runs daily; each deadline once.

	:return: how many works were planned.
	"""
	days = single_value("Rule24 CRM Settings", "contract_notice_days")
	action = single_value("Rule24 CRM Settings", "contract_notice_action")
	if not days or not action:
		return 0
	return sum(_plan(date_field, days, action) for date_field in DEADLINES)


def _plan(date_field: str, days: int, action: str) -> int:
	work_field = DEADLINES[date_field]
	filters = {
		"docstatus": 1,
		"party_type": "Customer",
		date_field: ("between", (nowdate(), add_days(nowdate(), days))),
		work_field: ("is", "not set"),
	}
	if date_field == "fulfilment_deadline":
		filters.update(requires_fulfilment=1, fulfilment_status=("!=", "Fulfilled"))
	contracts = frappe.get_all(  # the system looks at every contract
		"Contract",
		filters=filters,
		fields=["name", "party_name", "rule24_opportunity", "owner", date_field],
		order_by="name",
	)
	_note_deals_and_owners(contracts)
	return sum(_plan_or_log(contract, date_field, action) for contract in contracts)


def _note_deals_and_owners(contracts: list) -> None:
	"""Give each contract the `deal` its work is for, and the `assignee` who answers for that or for the client.

	The contract's client or the deal's may have been changed by hand since: then the work is with the contract's client.
	"""
	customers = sorted({contract.party_name for contract in contracts})
	managers = responsibles("Customer", customers)
	named = sorted({contract.rule24_opportunity for contract in contracts} - {None, ""})
	deals = {name: (owner, tuple(client)) for name, owner, *client in _values("Opportunity", named, _DEAL)}
	records = records_of("Customer", customers)
	for contract in contracts:
		owner, client = deals.get(contract.rule24_opportunity, (None, None))
		its_own = client in records[contract.party_name]
		contract.deal = contract.rule24_opportunity if its_own else None
		contract.assignee = (its_own and owner) or managers.get(contract.party_name) or contract.owner


def _values(doctype: str, names: list[str], fields: list[str]) -> list[list]:
	if not names:
		return []
	return frappe.get_all(  # the system plans for everybody
		doctype, {"name": ("in", names)}, fields, as_list=True, order_by=None
	)


def _plan_or_log(contract, date_field: str, action: str) -> bool:
	"""A contract for which no work can be planned does not keep the others from theirs."""
	try:
		with all_or_nothing(SAVEPOINT):
			work = _work_for(contract, action, date_field)
			frappe.db.set_value(
				"Contract", contract.name, DEADLINES[date_field], work.name, update_modified=False
			)
	except frappe.QueryDeadlockError:
		raise  # nothing of this night's is left to go on from
	except Exception:
		frappe.log_error(
			title=f"Rule24 CRM: deadline of contract {contract.name}"[:140],
			reference_doctype="Contract",
			reference_name=contract.name,
		)
		return False
	return True


def _work_for(contract, action: str, date_field: str):
	"""A work for the contract's `deal` and `assignee`, on the next working day."""
	with in_language_of(contract.assignee):
		subject = subject_of(date_field).format(contract.name, formatdate(contract[date_field]))
	return frappe.get_doc(
		{
			"doctype": "Work",
			"subject": subject[:140],
			"action": action,
			"party_type": "Customer",
			"party": contract.party_name,
			"opportunity": contract.deal,
			"assigned_to": contract.assignee,
			"planned_on": for_company().shift(getdate(), 0),
			"priority": "High",
		}
	).insert(ignore_permissions=True)  # planned by the system for the responsible person
