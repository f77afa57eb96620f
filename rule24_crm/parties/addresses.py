"""Addresses as ERPNext keeps them."""

from rule24_crm.parties.record_names import DATA_LENGTH

#: characters of what an address is called: Frappe numbers namesakes in a series, which has 100 for it and the kind of address
_TITLE = 90


def title_of(party: str) -> str:
	"""What an address of this client is called. Addresses of clients whose long names begin alike are numbered, see above."""
	return party[:_TITLE].rstrip()


def in_two_lines(address: str, length: int = DATA_LENGTH) -> tuple[str, str]:
	"""The two lines of an Address: the second one is for what the first one has no place for. Words stay whole.

	:param length: characters of the first line.
	"""
	if len(address) <= length:
		return address, ""
	cut = address.rfind(" ", 0, length)
	if cut <= 0 or len(address) - cut > length:
		cut = length
	return address[:cut].rstrip(), address[cut:].strip()
