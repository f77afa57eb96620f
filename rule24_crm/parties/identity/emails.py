"""E-mail addresses, as typed by people."""

from functools import lru_cache

from frappe import _
from frappe.utils import validate_email_address


@lru_cache(maxsize=50_000)  # an import asks for each address when it reads, recognises and writes a client
def parse(value: str | None) -> str | None:
	"""The address that `value` is, in lower case; None when it is not one address.

	Mail servers in practice do not tell the cases of an address apart, so two spellings are one address.
	"""
	text = (value or "").strip()
	if not text or "," in text or ";" in text:
		return None
	address = validate_email_address(text)
	return address.lower() if address and "@" in address else None


def problem(value: str | None) -> str:
	"""What is wrong with an e-mail address, in words; "" when it is right or not given."""
	text = (value or "").strip()
	if not text or parse(text):
		return ""
	if "@" not in text:
		return _("E-mail {0}: the sign @ is missing").format(text)
	if "," in text or ";" in text:
		return _("E-mail {0}: one address is expected").format(text)
	if "." not in text.rsplit("@", 1)[1]:
		return _("E-mail {0}: after the @ a domain with a dot is expected").format(text)
	return _("E-mail {0}: such an address cannot be, check its letters").format(text)
