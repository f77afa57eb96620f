"""Legal forms around a name: «ООО "Ромашка"», «Ромашка, общество с ограниченной ответственностью», "Romashka LLC"."""

import re
import unicodedata

from rule24_crm.parties.identity.numbers import LEGAL_ENTITY, SOLE_PROPRIETOR

#: as one token, in Russia and its neighbours, transliterated, and abroad
ABBREVIATIONS = frozenset(
	"""
	ооо оао зао пао нао ао нко ано одо соао чп чуп уп ип пбоюл кфх тоо
	фгуп гуп муп мкуп фкп мку мбу мау гку гбу гау фгбу фгку фгау мбоу мкоу мдоу гбоу фгбоу фгаоу чоу
	тсж тсн жск гск снт днт спк сппк
	ooo oao zao pao nao ao ano ip too
	llc llp ltd limited inc incorporated corp corporation co company plc lp jsc pjsc cjsc ojsc
	gmbh ag kg ohg ug ev sa sas sarl srl spa sl bv nv oy oyj ab aps as asa sp zoo sro kft doo ead eood ood pte pty
	""".split()
)

#: those of a person in business
_SOLE = frozenset(("ип", "пбоюл", "ip"))
#: surnames and given names, too: a company only where they stand as a form does, see `_AT_THE_END`
_ALSO_NAMES = frozenset(("co", "sa", "as", "ab", "ag", "sp"))
#: those of a company wherever they stand; «ЧП» is a private enterprise as often as a person in business
_COMPANIES = ABBREVIATIONS - _SOLE - _ALSO_NAMES - {"чп"}
_AT_THE_END = re.compile(
	r"""
	(\S+\s+\S+\s+ | [,.]\s*)(?i:co|sa|as|ab|ag|sp)$  # the last of three words, or after a comma or dot
	| \s(CO|SA|AS|AB|AG|SP)$
	| \s(?i:co\.$ | s\.\s?a\.?$ | a\.\s?[sbg]\.?$ | sp\.\s*z\s)
	""",
	re.VERBOSE,
)
_SOLE_SPELLED_OUT = re.compile(r"\b(индивидуальн(ый|ая) предпринимател[ья]|глава (кфх|крестьянского))\b")

_SPELLED_OUT = re.compile(
	r"""\b(
	общество\ с\ (ограниченной|дополнительной)\ ответственностью
	| ((непубличное|публичное|закрытое|открытое)\ )?акционерное\ общество
	| индивидуальн(ый|ая)\ предпринимател[ья]
	| глава\ (кфх|крестьянского(\ фермерского)?\ хозяйства)
	| крестьянское\ фермерское\ хозяйство
	| (федеральное\ |областное\ )?(государственное|муниципальное)\ (казенное\ |бюджетное\ |автономное\ |унитарное\ )?
		(предприятие|учреждение)
	| (автономная\ )?некоммерческая\ организация
	| товарищество\ (с\ ограниченной\ ответственностью|собственников\ (жилья|недвижимости))
	| limited\ liability\ (company|partnership)
	| (public\ |private\ )?(joint\ stock|limited)\ company
	)\b""",
	re.VERBOSE,
)
#: О.О.О., G.m.b.H., L.L.C.: letters with dots
_DOTTED = re.compile(r"\b(?:[^\W\d_]{1,2}\.){2,}")


def words(name: str) -> list[str]:
	"""The words of a name in lower case, without signs, quotation marks and legal forms; all of them if nothing is left."""
	text = _plain(name, _undotted)
	rest = _SPELLED_OUT.sub(" ", text).split()
	return [word for word in rest if word not in ABBREVIATIONS] or rest or text.split()


def kind_of(name: str) -> str:
	"""Kind of client that the legal form in a name, or a form alone, says for sure; "" when it has none.

	«Иванов И.П.» has none: these are initials; nor have «ЧП Иванов», "Kim Co" and "Anna Sa", who may be either.
	"""
	text = _plain(name, lambda letters: " " if letters.replace(".", "") in _SOLE else _undotted(letters))
	tokens = text.split()
	if not tokens:
		return ""
	if _SOLE_SPELLED_OUT.search(text) or tokens[0] in _SOLE:
		return SOLE_PROPRIETOR
	if _SPELLED_OUT.search(text) or not _COMPANIES.isdisjoint(tokens) or _has_short_form(name, tokens):
		return LEGAL_ENTITY
	return SOLE_PROPRIETOR if tokens[-1] in _SOLE else ""


def _has_short_form(name: str, tokens: list[str]) -> bool:
	if _ALSO_NAMES.isdisjoint(tokens):
		return False
	return len(tokens) == 1 or bool(_AT_THE_END.search(name.strip(" \"'«»“”„")))


def _plain(name: str, dotted) -> str:
	"""A name in lower case, without signs.

	:param dotted: what stands for letters with dots.
	"""
	text = unicodedata.normalize("NFKC", name.replace("№", " ")).casefold().replace("ё", "е")
	text = _DOTTED.sub(lambda found: dotted(found.group()), text)
	return " ".join("".join(char if char.isalnum() else " " for char in text).split())


def _undotted(text: str) -> str:
	"""A dotted legal form in one piece; initials of a person stay apart."""
	joined = text.replace(".", "")
	return f"{joined} " if joined in ABBREVIATIONS else text
