"""The bank account of a client as ERPNext keeps it, and the bank it is in: the one way of naming and making both.

An import that writes many clients at once makes the same records without saving each (`importing/bulk.py`).
"""

from __future__ import annotations

from collections.abc import Callable

import frappe

from rule24_crm.parties.identity.numbers import clean
from rule24_crm.parties.record_names import DATA_LENGTH, fitting

#: characters of what an account is called; the name of its bank comes after it
_ACCOUNT_TITLE = 100


def bank_title(bic: str, name: str, is_taken: Callable[[str], object]) -> str:
	"""What a Bank is called that is not there yet; a person may rename one of which only the BIC is known.

	Branches of a bank have its name and BICs of their own: the second one has its BIC beside the name.

	:param is_taken: tells whether a Bank is called so.
	"""
	if not (bic and name):
		return name or nameless(bic)
	if not is_taken(name):
		return name
	return f"{name[: DATA_LENGTH - len(bic) - 1].rstrip()} {bic}"


def nameless(bic: str) -> str:
	"""What a Bank is called of which only the BIC is known."""
	return f"BIC {bic}"


def bank_of(bic: str, name: str = "", correspondent_account: str = "") -> str:
	"""The Bank with this BIC, else of this name; made when it is not known yet. One of both is given.

	:param correspondent_account: kept with a bank that is made.
	:raises IdentityError: there is no such BIC.
	"""
	if bic and (known := frappe.db.get_value("Bank", {"rule24_bic": bic})):
		return known
	title = bank_title(bic, name, _bank_called)
	if known := _bank_called(title):
		return known
	values = {"bank_name": title, "rule24_bic": bic or None}
	if correspondent_account:
		values["rule24_correspondent_account"] = correspondent_account
	# the right to write the client covers its account, and that its bank
	return frappe.get_doc({"doctype": "Bank", **values}).insert(ignore_permissions=True).name


def _bank_called(name: str) -> str | None:
	return frappe.db.exists("Bank", name)


def account_values(customer: str, number: str, bank: str) -> dict:
	"""Values of a client's new Bank Account."""
	return {
		"account_name": fitting(f"{number} {customer}", _ACCOUNT_TITLE),
		"bank": bank,
		"bank_account_no": number,
		"party_type": "Customer",
		"party": customer,
		"is_default": 1,
	}


def account_name(title: str, bank: str) -> str:
	"""The name ERPNext gives a Bank Account, as short as Frappe wants names."""
	return fitting(f"{title} - {bank}").strip()


def make_account(
	customer: str, account: str, bic: str | None, bank_name: str = "", correspondent_account: str = ""
) -> str | None:
	"""The client's bank account; made when it is not known yet, and its bank with it (see `bank_of`).

	:return: name of the Bank Account, `None` when there is no account to keep, or it is not known in which bank it is.
	:raises IdentityError: there is no such BIC, or no such account in this bank.
	"""
	account, bic = clean(account), clean(bic)
	if not account:
		return None
	present = frappe.db.exists(
		"Bank Account", {"party_type": "Customer", "party": customer, "bank_account_no": account}
	)
	if present:
		return present
	if not (bic or bank_name):
		return None
	bank = bank_of(bic, bank_name, clean(correspondent_account))
	new = frappe.get_doc({"doctype": "Bank Account", **account_values(customer, account, bank)})
	return new.insert(ignore_permissions=True).name  # the right to make the client covers its account
