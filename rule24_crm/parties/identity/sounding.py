"""How a name sounds, whatever the alphabet and spelling: what names are searched and compared by.

Three steps, each rougher than the one before: words without the legal form, their `spelling` in one Latin alphabet
(«Ромашка», "Romashka" and "Romashca" come close), and their `code`, the consonants by kind: mistyped vowels, doubled letters and
voiced instead of voiceless ones leave it as it is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

from rule24_crm.parties.identity import legal_forms

#: capitals stand for one sound each: S sh and shch, Z zh, C ch, T ts
_CYRILLIC = str.maketrans(
	{
		**dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziiklmnoprstufhie", strict=True)),
		"ё": "e",
		"ж": "Z",
		"ц": "T",
		"ч": "C",
		"ш": "S",
		"щ": "S",
		"ъ": "",
		"ь": "",
		"ю": "u",
		"я": "a",
		# neighbours
		"і": "i",
		"ї": "i",
		"є": "e",
		"ґ": "g",
		"ў": "u",
		"қ": "k",
		"ғ": "g",
		"ң": "n",
		"ұ": "u",
		"ү": "u",
		"ә": "a",
		"ө": "o",
		"һ": "h",
		"ј": "i",
		"љ": "l",
		"њ": "n",
		"ћ": "C",
		"ђ": "Z",
		"џ": "Z",
	}
)
#: letters that Unicode does not take apart into a plain one and a sign
_LATIN = str.maketrans(
	{"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "e", "œ": "e", "þ": "t", "ı": "i", "'": "", "’": ""}
)
#: ways to write a sound in Latin letters -> the sound, in this order
_SOUNDS = (
	(re.compile("shch|schtsch|tsch|sch|sh"), "S"),
	(re.compile("zh"), "Z"),
	(re.compile("tch|ch"), "C"),
	(re.compile("ts|tz|cz"), "T"),
	(re.compile("kh"), "h"),
	(re.compile("ph"), "f"),
	(re.compile("ck|q"), "k"),
	(re.compile("x"), "ks"),
	(re.compile("[jy](?=[aeou])|i(?=[aou])"), ""),
	(re.compile("[jy]"), "i"),
	(re.compile("c(?=[ei])"), "s"),
	(re.compile("c"), "k"),
	(re.compile("w"), "v"),
	(re.compile(r"([^\d])\1+"), r"\1"),
)
_VOWELS = re.compile("[aeiou]+")
_KINDS = str.maketrans("bdgvzZCT", "ptkfsSSs")
_AGAIN = re.compile(r"([^\d])\1+")
#: every sound a code is made of; A is a vowel at the beginning
ALPHABET = "ptkfsShmnlrA"
CODE_LENGTH = 10
#: words of a name beyond this many say nothing more
MOST_WORDS = 8


def spellings(name: str) -> list[str]:
	"""The words of a name, without its legal form, in the one alphabet they are compared in."""
	return list(filter(None, map(spelling, legal_forms.words(name))))[:MOST_WORDS]


@lru_cache(maxsize=50_000)  # the words of names come again and again
def spelling(word: str) -> str:
	"""One word, in lower case, in the one alphabet."""
	text = word.translate(_CYRILLIC).translate(_LATIN)
	if not text.isascii():
		text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
	for written, sound in _SOUNDS:
		text = written.sub(sound, text)
	return text


@lru_cache(maxsize=50_000)
def code(spelled: str) -> str:
	"""What is left of a spelled word when vowels, doubled and voiced letters do not count. Numbers stay as they are."""
	if spelled.isdigit():
		return spelled[:CODE_LENGTH]
	head = "A" if spelled[0] in "aeiou" else ""
	return _AGAIN.sub(r"\1", (head + _VOWELS.sub("", spelled)).translate(_KINDS))[:CODE_LENGTH] or "A"


@lru_cache(maxsize=2_000)
def near(word_code: str) -> frozenset[str]:
	"""The codes that one mistyped, missing, superfluous or swapped consonant away make of this one."""
	if word_code.isdigit():
		return frozenset()
	cuts = [(word_code[:at], word_code[at:]) for at in range(len(word_code) + 1)]
	found = {head + tail[1:] for head, tail in cuts if tail and len(word_code) > 1}
	found |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
	for head, tail in cuts:
		for sound in ALPHABET:
			found.add(head + sound + tail)
			if tail:
				found.add(head + sound + tail[1:])
	# as codes are: cut to their length, no sound twice in a row
	return frozenset(_AGAIN.sub(r"\1", each)[:CODE_LENGTH] for each in found) - {word_code, ""}


def likeness(one: list[str], other: list[str]) -> float:
	"""How alike two names are, from 0 to 1, both as `spellings`: word by word, in whatever order, by length of the words.

	Names whose numbers differ («Школа № 12» and «Школа № 13») are not alike.
	"""
	if sorted(one) == sorted(other):
		return 1.0
	if {word for word in one if word.isdigit()} != {word for word in other if word.isdigit()}:
		return 0.0
	pairs = sorted(
		((fuzz.ratio(mine, theirs), i, j) for i, mine in enumerate(one) for j, theirs in enumerate(other)),
		reverse=True,
	)
	used_one, used_other, alike = set(), set(), 0.0
	for ratio, i, j in pairs:
		if ratio < 70 or len(used_one) == min(len(one), len(other)):
			break
		if i not in used_one and j not in used_other:
			used_one.add(i)
			used_other.add(j)
			alike += ratio / 100 * (len(one[i]) + len(other[j]))
	return alike / (sum(map(len, one)) + sum(map(len, other)) or 1)
