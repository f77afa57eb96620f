"""The figures under the table of an invoice, an offer or an act: total, discount, VAT by rate, other charges, to pay."""

from __future__ import annotations

import json

import frappe
from frappe import _
from frappe.utils import flt

from rule24_crm.printing.formatting import money, percent


class Tax(frappe._dict):
	"""One line of tax: `rate` in percent (None for a fixed sum), `amount` in the document's currency, `included` in prices,
	`is_vat`, `description` of a charge that is none."""


def taxes_of(doc) -> list[Tax]:
	"""Tax lines of a sales document, VAT split by the rates of its items. An Opportunity has none."""
	lines = []
	for row in doc.get("taxes") or []:
		is_vat = _is_vat(row)
		included = bool(row.included_in_print_rate)
		amount = flt(row.tax_amount_after_discount_amount or row.tax_amount, 2)
		if not is_vat:
			if amount:
				lines.append(
					Tax(
						rate=None, amount=amount, included=included, is_vat=False, description=row.description
					)
				)
			continue
		for rate, part in _by_rate(doc, row, amount):
			lines.append(Tax(rate=rate, amount=part, included=included, is_vat=True, description=""))
	return lines


def total_lines(doc) -> list[frappe._dict]:
	"""The lines of the totals block, each `label`, `value` and whether it is `strong`."""
	taxes = taxes_of(doc)
	discount = flt(doc.get("discount_amount"), 2)
	lines = [_line(_("Total", context="On a document"), money(doc.get("total")), True)]
	if discount:
		# ERPNext turns its sign around while printing
		lines.append(_line(_("Discount", context="On a document"), money(-abs(discount))))
	if not any(tax.is_vat for tax in taxes) and doc.doctype != "Opportunity":
		lines.append(_line(_("Without VAT", context="On a document"), "–"))
	lines.extend(_line(_tax_label(tax), money(tax.amount)) for tax in taxes)
	if rounding := flt(doc.get("rounding_adjustment"), 2) if doc.get("rounded_total") else 0:
		lines.append(_line(_("Rounding", context="On a document"), money(rounding)))
	return lines


def to_pay(doc) -> float:
	"""What the document asks for, rounding included. Of a partly paid invoice see `left_to_pay`."""
	return flt(
		doc.get("rounded_total")
		or doc.get("grand_total")
		or doc.get("total")
		or doc.get("opportunity_amount"),
		2,
	)


def left_to_pay(doc) -> float:
	"""What is still to be paid: of a submitted invoice its outstanding amount, else all of it."""
	whole = to_pay(doc)
	if (
		doc.doctype != "Sales Invoice"
		or doc.docstatus != 1
		or doc.get("party_account_currency") not in (None, "", doc.currency)
	):
		return whole
	return min(whole, max(0, flt(doc.outstanding_amount, 2)))


def vat_for_purpose(doc) -> str:
	"""What the purpose of a Russian payment says about VAT, in Russian: the bank reads it."""
	vat = [tax for tax in taxes_of(doc) if tax.is_vat]
	amount = sum(tax.amount for tax in vat)
	if not amount:
		return _("VAT exempt", lang="ru")
	rates = {tax.rate for tax in vat}
	rate = f" {flt(rates.pop()):g}%" if len(rates) == 1 and None not in rates else ""
	return _("incl. VAT{0} – {1} rub.", lang="ru").format(rate, f"{amount:.2f}".replace(".", "-"))


def _tax_label(tax: Tax) -> str:
	if not tax.is_vat:
		return tax.description
	rate = "" if tax.rate is None else f" ({percent(tax.rate)})"
	return (_("Including VAT{0}") if tax.included else _("VAT{0}")).format(rate)


def _line(label: str, value: str, strong: bool = False) -> frappe._dict:
	return frappe._dict(label=label, value=value, strong=strong)


def _is_vat(row) -> bool:
	"""Sales taxes are booked to accounts of the type Tax; delivery and the like to others."""
	return frappe.get_cached_value("Account", row.account_head, "account_type") == "Tax"


def _by_rate(doc, row, amount: float) -> list[tuple[float | None, float]]:
	"""The amount of a tax row by the rates its items have; the last rate takes what rounding leaves."""
	if row.charge_type == "Actual":
		return [(None, amount)]
	parts: dict[float, float] = {}
	for rate, part in _item_taxes(doc, row):
		parts[flt(rate)] = parts.get(flt(rate), 0) + flt(part)
	whole = sum(parts.values())
	if len(parts) < 2 or not whole:
		return [(next(iter(parts), flt(row.rate)), amount)]
	lines, left = [], amount
	for rate, part in sorted(parts.items()):
		share = flt(amount * part / whole, 2)
		lines.append((rate, share))
		left = flt(left - share, 2)
	lines[-1] = (lines[-1][0], flt(lines[-1][1] + left, 2))
	return lines


def _item_taxes(doc, row) -> list[tuple[float, float]]:
	"""(rate, amount) of each item under a tax row: a JSON text on 15, a table of the document on 16."""
	if details := doc.get("item_wise_tax_details"):
		return [(detail.rate, detail.amount) for detail in details if detail.tax_row == row.name]
	try:
		detail = json.loads(row.get("item_wise_tax_detail") or "{}")
	except ValueError:
		return []
	return [
		(value[0], value[1]) if isinstance(value, list) else (row.rate, value) for value in detail.values()
	]
