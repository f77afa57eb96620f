def strip_number(number):
	"""A phone number without the leading pluses and zeros, in which lines differ."""
	return number.lstrip("+").lstrip("0") if number else None
