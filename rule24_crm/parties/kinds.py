"""The three kinds of client and where ERPNext keeps what is common to them."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import create_batch

from rule24_crm.exceptions import PartyNotFoundError
from rule24_crm.titles import CHUNK
from rule24_crm.titles import titles as of_records

PARTY_TYPES = ("Customer", "Lead", "Prospect")

#: the one responsible manager
OWNER_FIELD = {"Customer": "account_manager", "Lead": "lead_owner", "Prospect": "prospect_owner"}

#: what a person calls the client
TITLE_FIELD = {"Customer": "customer_name", "Lead": "title", "Prospect": "company_name"}


def check_kind(party_type: str | None) -> str:
	"""Return `party_type` if it is a kind of client.

	:raises PartyNotFoundError: it is not; the message lists the kinds.
	"""
	if party_type not in PARTY_TYPES:
		frappe.throw(
			_("{0} is not a kind of client. Choose one of: {1}.").format(
				frappe.bold(party_type or "-"), ", ".join(_(kind) for kind in PARTY_TYPES)
			),
			PartyNotFoundError,
			title=_("Unknown Kind of Client"),
		)
	return party_type


def titles(party_type: str, names: list[str]) -> dict[str, str]:
	"""What the clients are called, see `rule24_crm.titles`: by the same field whatever a site's DocType says."""
	return of_records(party_type, names, TITLE_FIELD[party_type])


def responsible(party_type: str, party: str) -> str | None:
	"""The user responsible for the client, if there is one."""
	return frappe.db.get_value(party_type, party, OWNER_FIELD[party_type])


def responsibles(party_type: str, names: Iterable[str]) -> dict[str, str | None]:
	"""The users responsible for the clients: name -> user, None for nobody. Those that are gone are missing."""
	field, found = OWNER_FIELD[party_type], {}
	for chunk in create_batch(list(names), CHUNK):
		rows = frappe.get_all(  # whose they are, for records that the caller has been let at
			party_type, filters={"name": ("in", chunk)}, fields=["name", field], order_by=None, as_list=True
		)
		found.update(rows)
	return found
