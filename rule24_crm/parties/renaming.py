"""A user gets another name (e-mail), or is merged with another user: the register and the logs of handovers follow.

Links follow by themselves. The register is named by its user, and the log keeps users as values, by which undoing works.
"""

from __future__ import annotations

import json

import frappe
from frappe import _
from frappe.query_builder.functions import Replace

from rule24_crm.exceptions import AccountManagerError
from rule24_crm.parties import leaving, managers, ownerless
from rule24_crm.parties.handover import log


def before_rename(doc, method: str, old: str, new: str, merge: bool = False) -> None:
	"""Of two users who become one, the register keeps the one that stays. What neither of them looks after passes on before.

	:raises AccountManagerError: he does not work here, and the clients of the other, who does, would be nobody's.
	"""
	if not merge:
		return
	if not managers.is_active(new) and (left := ownerless.left_behind(old)) and not leaving.pass_on(old):
		frappe.throw(
			_(
				"{0} is responsible for: {1}, and {2} is not active. Enable {2} first, or disable {0}: everything passes on."
			).format(
				frappe.bold(frappe.utils.get_fullname(old)),
				ownerless.told(left),
				frappe.bold(frappe.utils.get_fullname(new)),
			),
			AccountManagerError,
			title=_("Manager Is Not Active"),
		)
	if frappe.db.exists(managers.DOCTYPE, old) and frappe.db.exists(managers.DOCTYPE, new):
		_merge_in_register(old, new)


def _merge_in_register(old: str, new: str) -> None:
	"""People and segments of the one go to the other, before the two have one name."""
	gone, stays = frappe.get_doc(managers.DOCTYPE, old), frappe.get_doc(managers.DOCTYPE, new)
	above = managers.heads_of(new)
	people = frappe.get_all(managers.DOCTYPE, {"reports_to": old}, pluck="name", order_by="name")
	# whoever moves up goes first: nobody may report in a circle in between
	for name in sorted(people, key=lambda name: name not in above):
		person = frappe.get_doc(managers.DOCTYPE, name)
		person.reports_to = gone.reports_to if name in above else new
		person.save(ignore_permissions=True)  # the right to rename users has been checked by Frappe
	stays.reload()
	known = {row.segment for row in stays.segments}
	user = frappe.db.get_value("User", new, ["enabled", "user_type"], as_dict=True)
	if not managers.works_here(user):
		stays.active = 0  # as the register wants it: he may have been disabled past its rules
	stays.extend("segments", [{"segment": row.segment} for row in gone.segments if row.segment not in known])
	stays.save(ignore_permissions=True)  # as above
	frappe.delete_doc(
		managers.DOCTYPE,
		old,
		force=True,  # what points at it follows the user
		ignore_permissions=True,  # as above
	)


def after_rename(doc, method: str, old: str, new: str, merge: bool = False) -> None:
	"""The register has the new name, and handovers made under the old one can still be undone."""
	if frappe.db.exists(managers.DOCTYPE, old):
		frappe.rename_doc(
			managers.DOCTYPE,
			old,
			new,
			force=True,  # nobody renames it by hand; the right to rename users has been checked
			show_alert=False,
		)
	_rename_in_log(old, new)


def _rename_in_log(old: str, new: str) -> None:
	"""A value that is the user, or a row as JSON that names him."""
	item = frappe.qb.DocType(log.DOCTYPE)
	whole, part = (json.dumps(user, ensure_ascii=False) for user in (old, new))
	for column in (item.value_from, item.value_to):
		frappe.qb.update(item).set(column, new).where(column == old).run()
		frappe.qb.update(item).set(column, Replace(column, whole, part)).where(
			column.like(f"%{whole}%")
		).run()
	frappe.qb.update(item).set(item.ref_name, new).where(
		item.ref_doctype.isin(("User", managers.DOCTYPE)) & (item.ref_name == old)
	).run()
