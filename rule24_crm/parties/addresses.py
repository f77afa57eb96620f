"""Addresses as ERPNext keeps them."""

#: characters of a line of an Address
LINE = 140


def in_two_lines(address: str, length: int = LINE) -> tuple[str, str]:
	"""The two lines of an Address: the second one is for what the first one has no place for. Words stay whole.

	:param length: characters of the first line.
	"""
	if len(address) <= length:
		return address, ""
	cut = address.rfind(" ", 0, length)
	if cut <= 0 or len(address) - cut > length:
		cut = length
	return address[:cut].rstrip(), address[cut:].strip()
