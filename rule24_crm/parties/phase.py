"""The phase of a client, where a work or a document brings another one about; its history tells who and when."""

import frappe
from frappe.utils import now

from rule24_crm.history import History

FIELD = "rule24_phase"
LOST, POTENTIAL, ACTIVE = "Lost", "Potential", "Active"
#: one that stands later says more of what has come of the client
FURTHER = (LOST, POTENTIAL, ACTIVE)


def set_phase(party_type: str, party: str, phase: str) -> bool:
	"""Give a client another phase, past its own validation: what has happened is a fact, whatever else the record lacks.

	:return: whether it had another one.
	"""
	was = frappe.db.get_value(party_type, party, FIELD)
	if was == phase:
		return False
	stamp = now()
	frappe.db.set_value(party_type, party, FIELD, phase, modified=stamp)
	history = History(party_type)
	history.change(party, FIELD, was, phase)
	history.write(stamp, frappe.session.user)
	return True
