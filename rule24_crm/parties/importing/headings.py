"""Which column of a client base means what: the headings each field is known by, and values that speak for themselves."""

from __future__ import annotations

import re

from rule24_crm.parties.identity.numbers import is_account, is_inn, is_ogrn

#: field -> headings it is known by, without case, spaces and punctuation; the first name is the usual one
HEADINGS: dict[str, tuple[str, ...]] = {
	"name": (
		"наименование",
		"название",
		"компания",
		"организация",
		"названиеорганизации",
		"контрагент",
		"клиент",
		"фио",
		"имя",
		"полноенаименование",
		"сокращенноенаименование",
		"краткоенаименование",
		"наименованиеорганизации",
		"наименованиекомпании",
		"названиекомпании",
		"наименованиеконтрагента",
		"наименованиеклиента",
		"юрлицо",
		"name",
		"company",
		"companyname",
		"organization",
		"organisation",
		"customer",
		"customername",
		"fullname",
		"client",
		"clientname",
		"accountname",
	),
	"kind": (
		"тип",
		"типконтрагента",
		"типклиента",
		"видконтрагента",
		"юрфизлицо",
		"лицо",
		"видлица",
		"типлица",
		"организационноправоваяформа",
		"правоваяформа",
		"формасобственности",
		"форма",
		"оргформа",
		"опф",
		"type",
		"kind",
		"partytype",
		"customertype",
		"clienttype",
		"legalform",
	),
	"inn": ("инн", "иннконтрагента", "иннклиента", "inn", "taxid", "tin", "vatid", "vat"),
	"inn_kpp": ("иннкпп", "innkpp"),
	"kpp": ("кпп", "кппконтрагента", "kpp"),
	"ogrn": ("огрн", "огрнип", "огрногрнип", "ogrn", "ogrnip", "registrationnumber"),
	"address": (
		"адрес",
		"юридическийадрес",
		"юрадрес",
		"фактическийадрес",
		"почтовыйадрес",
		"адресрегистрации",
		"address",
		"legaladdress",
		"postaladdress",
		"street",
		"городадрес",
		"адресгород",
		"городулица",
		"улица",
		"улицадом",
		"местонахождение",
		"полныйадрес",
		"адресдоставки",
		"адресорганизации",
		"адрескомпании",
		"addressline1",
		"fulladdress",
		"cityaddress",
		"streetaddress",
	),
	"city": ("город", "населенныйпункт", "городнаселенныйпункт", "city", "town", "locality"),
	"postal_code": (
		"индекс",
		"почтовыйиндекс",
		"zip",
		"zipcode",
		"postcode",
		"postalcode",
		"pincode",
	),
	"country": ("страна", "странарегистрации", "country", "countryofregistration"),
	"phone": (
		"телефон",
		"телефоны",
		"тел",
		"номертелефона",
		"телфакс",
		"телефонфакс",
		"tel",
		"cell",
		"cellphone",
		"контактныйтелефон",
		"рабочийтелефон",
		"мобильный",
		"мобильныйтелефон",
		"сотовый",
		"phone",
		"phones",
		"phoneno",
		"phonenumber",
		"telephone",
		"mobile",
		"mobileno",
		"mobilephone",
	),
	"email": (
		"email",
		"emails",
		"emailid",
		"emailaddress",
		"mail",
		"почта",
		"электроннаяпочта",
		"адресэлектроннойпочты",
		"элпочта",
		"эладрес",
		"емайл",
		"имейл",
	),
	"website": ("сайт", "вебсайт", "адрессайта", "website", "site", "url", "web", "homepage"),
	"contact": (
		"контактноелицо",
		"контакт",
		"фиоконтакта",
		"фиоконтактноголица",
		"представитель",
		"директор",
		"руководитель",
		"contact",
		"contactperson",
		"contactname",
		"имяконтакта",
		"имяконтактноголица",
		"контлицо",
	),
	"job_title": (
		"должность",
		"должностьконтакта",
		"должностьконтактноголица",
		"position",
		"jobtitle",
		"designation",
	),
	"industry": ("сферадеятельности", "отрасль", "виддеятельности", "сфера", "industry"),
	"employees": (
		"численность",
		"численностьсотрудников",
		"числосотрудников",
		"количествосотрудников",
		"колвосотрудников",
		"штат",
		"employees",
		"noofemployees",
		"headcount",
	),
	"region": (
		"регион",
		"область",
		"субъектрф",
		"край",
		"республика",
		"областькрай",
		"регионобласть",
		"region",
		"state",
		"province",
		"stateprovince",
	),
	"account": (
		"расчетныйсчет",
		"рс",
		"расчсчет",
		"счет",
		"номерсчета",
		"банковскийсчет",
		"account",
		"accountno",
		"bankaccount",
		"bankaccountno",
	),
	"bic": ("бик", "бикбанка", "bic", "bankcode"),
	"segment": (
		"сегмент",
		"сегменты",
		"сегментрынка",
		"рыночныйсегмент",
		"категория",
		"segment",
		"segments",
		"marketsegment",
		"category",
	),
	"manager": (
		"ответственный",
		"ответственныйменеджер",
		"менеджер",
		"куратор",
		"manager",
		"accountmanager",
		"responsible",
		"owner",
		"leadowner",
		"отв",
		"отвменеджер",
		"отвсотрудник",
	),
}


def key(heading: str) -> str:
	"""A heading without what people vary: case, spaces, punctuation, ё."""
	return "".join(char for char in heading.casefold().replace("ё", "е") if char.isalnum())


FIELD_OF = {key(heading): field for field, headings in HEADINGS.items() for heading in headings}
#: several columns of these are one list; of any other field the first one filled in counts
LISTS = ("phone", "email", "segment")


#: words that say which one of several, and leave what a heading means
_MODIFIERS = frozenset(
	"""
	основной основная основное рабочий рабочая рабочее корпоративный корпоративная контактный контактная личный личная домашний
	юр юридический юридическое факт фактический почтовый полное краткое сокращенное официальное
	номер no контрагента клиента компании организации фирмы предприятия контакта контактного лица покупателя партнера
	main primary work business home office mobile company customer client contact s number
	""".split()
)
#: what a heading with such words may mean: of other fields, «Дата», «Тип», «Код» of something is something else
_MODIFIED = (
	"name",
	"phone",
	"email",
	"website",
	"contact",
	"address",
	"account",
	"inn",
	"kpp",
	"ogrn",
	"manager",
)


def field_for(heading: str) -> str:
	"""The field a heading names, or nothing."""
	field = FIELD_OF.get(key(heading)) or PARTS.get(key(heading), ("", 0))[0]
	return field or _field_without_modifiers(heading)


def _field_without_modifiers(heading: str) -> str:
	"""«Рабочий e-mail», «Наименование контрагента (полное)», «Телефон контактного лица»: as without these words."""
	words = re.findall(r"[^\W_]+", re.sub(r"\(.*?\)", " ", heading.casefold().replace("ё", "е")))
	rest = [word for word in words if word not in _MODIFIERS]
	field = FIELD_OF.get("".join(rest or words), "") if 0 < len(words) <= 6 else ""
	if field == "name" and any(word.startswith(("contact", "контакт")) for word in words):
		field = "contact"  # «Имя контакта клиента» is no name of the client
	return field if field in _MODIFIED else ""


#: headings of parts of a person's name -> (field when nothing else names the client, place in the name)
PARTS = {
	**dict.fromkeys(("фамилия", "lastname", "surname", "familyname"), ("name", 1)),
	**dict.fromkeys(("имя", "firstname", "givenname"), ("name", 2)),
	**dict.fromkeys(("отчество", "middlename", "patronymic"), ("name", 3)),
	**dict.fromkeys(("фамилияконтакта", "фамилияконтактноголица", "contactlastname"), ("contact", 1)),
	**dict.fromkeys(("имяконтакта", "имяконтактноголица", "contactfirstname"), ("contact", 2)),
	**dict.fromkeys(("отчествоконтакта", "отчествоконтактноголица", "contactmiddlename"), ("contact", 3)),
}


def field_by_values(values: list[str]) -> str:
	"""The field that nearly all of these values speak for by their check digits or their form, or nothing."""
	given = [value.replace(" ", "") for value in values if value.strip()]
	if len(given) < 3:
		return ""
	for field, fits in (
		("inn", is_inn),
		("ogrn", is_ogrn),
		("account", lambda value: len(value) == 20 and is_account(value, "")),
		("email", lambda value: value.count("@") == 1 and "." in value.rsplit("@", 1)[1]),
	):
		if sum(1 for value in given if fits(value)) >= 0.8 * len(given):
			return field
	return ""
