"""Dates, amounts and quantities in the language of the print, whatever the number format of the site."""

from __future__ import annotations

import frappe
from babel.dates import format_date
from babel.numbers import format_decimal
from frappe.utils import flt, getdate

from rule24_crm.printing.words import is_russian


def locale() -> str:
	"""The Babel locale of the print."""
	return "ru" if is_russian(frappe.local.lang) else "en"


def long_date(value) -> str:
	"""«23 ноября 2026 г.», "23 November 2026"; "" for no date."""
	if not value:
		return ""
	pattern = "d MMMM y 'г.'" if locale() == "ru" else "d MMMM y"
	return format_date(getdate(value), pattern, locale=locale())


def short_date(value) -> str:
	"""«23.11.2026» in any language: the form Russian banks expect."""
	return format_date(getdate(value), "dd.MM.y", locale="ru") if value else ""


def money(value) -> str:
	"""«12 000,00», "12,000.00"."""
	return format_decimal(flt(value, 2), "#,##0.00", locale=locale())


def quantity(value) -> str:
	"""Up to three digits after the point, none where they are zero."""
	return format_decimal(flt(value, 3), "#,##0.###", locale=locale())


def percent(value) -> str:
	"""«22 %», "22%"."""
	number = format_decimal(flt(value, 3), "0.###", locale=locale())
	return f"{number}\u00a0%" if locale() == "ru" else f"{number}%"
