"""Takes a site back to what an older version would have left, or checks that a migrate has brought it up to date.

`older <site>` removes a field, an index and the note that our patches have run, and changes what users may change.
`older <site> check` prints UPGRADED when the first are back and the second are untouched.
"""

import sys

import frappe

from devtools.inside.connection import connected
from rule24_crm.setup.custom_fields import drop_columns

FIELD, INDEX, LABEL = "rule24_call_to", "rule24_mine", "Stage of the relationship"
#: an index that had one column once
GROWN = "rule24_manager"


def make_older() -> None:
	frappe.db.delete("Custom Field", {"dt": "Customer", "fieldname": FIELD})
	drop_columns("Customer", [FIELD])
	frappe.db.sql_ddl(f"alter table `tabWork` drop index `{INDEX}`")
	frappe.db.sql_ddl(
		f"alter table `tabCustomer` drop index `{GROWN}`, add index `{GROWN}` (`account_manager`)"
	)
	frappe.db.delete("Patch Log", {"patch": ("like", "rule24_crm.%")})
	frappe.db.set_value("Custom Field", {"dt": "Customer", "fieldname": "rule24_phase"}, "label", LABEL)
	frappe.db.set_value("Work Action", "Call", "default_duration", 25)
	frappe.delete_doc("Work Stop Reason", "Handled Elsewhere")
	frappe.clear_cache()


def check() -> None:
	assert frappe.db.has_column("Customer", FIELD), f"{FIELD} did not come back"
	assert frappe.db.has_index("tabWork", INDEX), f"{INDEX} did not come back"
	grown = frappe.db.sql(f"show index from `tabCustomer` where Key_name = '{GROWN}'", as_dict=True)
	assert [row.Column_name for row in grown] == ["account_manager", "modified"], f"{GROWN} did not grow"
	label = frappe.db.get_value("Custom Field", {"dt": "Customer", "fieldname": "rule24_phase"}, "label")
	assert label == LABEL, f"an administrator's label became {label}"
	assert frappe.db.get_value("Work Action", "Call", "default_duration") == 25, (
		"the dictionary was written over"
	)
	assert not frappe.db.exists("Work Stop Reason", "Handled Elsewhere"), "a deleted entry came back"
	print("UPGRADED")


def main() -> None:
	with connected():
		check() if sys.argv[2:] == ["check"] else make_older()


if __name__ == "__main__":
	main()
