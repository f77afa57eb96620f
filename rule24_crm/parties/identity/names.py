"""Names of companies and people."""

import re

_PATRONYMIC = re.compile(
	r"(вич|вна|ична|оглы|кызы|\bильич|кузьмич|лукич|фомич|никитич|саввич)$", re.IGNORECASE
)
_SURNAME = re.compile(
	r"(ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ский|цкий|ская|цкая|ко|ук|юк|ян|дзе|швили|ий|ый|ая)$", re.IGNORECASE
)


def name_key(name: str) -> str:
	"""A name without case, quotation marks and order of words: «ООО "Ромашка"» and «ромашка ооо» are one."""
	words = "".join(
		char if char.isalnum() or char.isspace() else " " for char in name.casefold().replace("ё", "е")
	)
	return " ".join(sorted(words.split()))


def person_name(value: str) -> tuple[str, str, str]:
	"""(first, middle, last) of a person, of «Иванов Иван Иванович» and «Иван Иванович Иванов» alike."""
	words = value.split()
	if len(words) == 3 and _PATRONYMIC.search(words[2]):
		return words[1], words[2], words[0]
	if len(words) == 3 and _PATRONYMIC.search(words[1]):
		return words[0], words[1], words[2]
	if len(words) == 3 and _SURNAME.search(words[0]) and not _SURNAME.search(words[2]):
		return words[1], words[2], words[0]
	if len(words) == 2 and _SURNAME.search(words[0]) and not _SURNAME.search(words[1]):
		return words[1], "", words[0]
	if len(words) == 2:
		return words[0], "", words[1]
	return value, "", ""
