"""The chain of records one client goes through: a Prospect becomes a Lead becomes a Customer.

`rule24_successor` points forward. Works are moved along, but what was closed under an older record, its letters and notes
stay findable through the chain.
"""

import frappe

from rule24_crm.parties.kinds import check_kind

#: a chain longer than this is a mistake in the data, not a client
LIMIT = 20


def successor(party_type: str, party: str) -> tuple[str, str]:
	"""The record the client goes by today: follows `rule24_successor` to its end."""
	for _step in range(LIMIT):
		if check_kind(party_type) == "Customer":
			break
		following = frappe.db.get_value(party_type, party, ["rule24_successor_type", "rule24_successor"])
		if not following or not following[1]:
			break
		party_type, party = following
	return party_type, party


def lineage(party_type: str, party: str) -> list[tuple[str, str]]:
	"""All records of the client as pairs (party_type, party), the given one first."""
	found = [(check_kind(party_type), party)]
	ahead = successor(party_type, party)
	if ahead not in found:
		found.append(ahead)
	for kind, name in found:  # grows while it is walked
		if len(found) > LIMIT:
			break
		for older in ("Lead", "Prospect"):
			names = frappe.get_all(  # the same client under its earlier name
				older,
				filters={"rule24_successor_type": kind, "rule24_successor": name},
				pluck="name",
				order_by="name",
			)
			found.extend((older, each) for each in names if (older, each) not in found)
	return found


def continue_as(party_type: str, party: str, to_type: str, to: str) -> None:
	"""Note that the client goes on as another record. The old record's `modified` stays: it is closed, not edited."""
	frappe.db.set_value(
		party_type, party, {"rule24_successor_type": to_type, "rule24_successor": to}, update_modified=False
	)
