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
		"фирма",
		"предприятие",
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
		"вид",
		"видклиента",
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
		"address1",
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
	"bank": ("банк", "наименованиебанка", "названиебанка", "bank", "bankname"),
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


#: between the headings of a column that has several, one below the other
GROUPED = " → "
#: what a group of columns is about -> how words of its heading begin; the first that fits counts
_GROUPS = {
	"manager": ("менеджер", "ответственн", "куратор", "manager", "responsible"),
	"contact": ("контакт", "руководител", "директор", "представител", "лпр", "contact", "director"),
	"bank": ("банк", "bank"),
	"address": ("адрес", "местонахожд", "address"),
	"phone": ("телефон", "phone"),
	"client": (
		*(
			"клиент",
			"контрагент",
			"организац",
			"компани",
			"фирм",
			"предприят",
			"покупател",
			"реквизит",
			"сведени",
			"данные",
			"основн",
			"общ",
		),
		*("customer", "client", "company", "organi", "details", "general", "requisites"),
	),
}
#: what a column in a group about something else than the client may be; «Наименование» of a bank is not its name, and its INN is
#: nothing that is kept. A group has no end in a file: what is not here is the client's, beside the group
_IN_GROUP = {
	"manager": {
		**dict.fromkeys(("name", "contact", "email", "manager"), "manager"),
		**dict.fromkeys(("phone", "job_title"), ""),
	},
	"bank": {
		**{"name": "bank", "bank": "bank", "account": "account", "bic": "bic"},
		**dict.fromkeys(
			("inn", "kpp", "inn_kpp", "ogrn", "address", "city", "region", "postal_code", "country"), ""
		),
	},
}


def group_of(heading: str) -> str:
	"""What the group is about that a column stands in: a key of `_GROUPS`, or nothing."""
	words = re.findall(r"[^\W_]+", heading.casefold().replace("ё", "е"))
	return next(
		(kind for kind, starts in _GROUPS.items() if any(word.startswith(starts) for word in words)), ""
	)


def own(heading: str) -> str:
	"""The heading of the column itself, without those of its groups."""
	return heading.rpartition(GROUPED)[2]


def field_for(heading: str) -> str:
	"""The field a heading names, or nothing."""
	group, _separator, below = heading.rpartition(GROUPED)
	if not group:
		return _field(heading)
	kind = group_of(group)
	field = _field(below) or _field(f"{below} {group.rpartition(GROUPED)[2]}")
	if kind in _IN_GROUP:
		return _IN_GROUP[kind].get(field, _field(below))
	return "contact" if kind == "contact" and field == "name" else field


def _field(heading: str) -> str:
	of_parts = PARTS.get(key(heading), ("", 0))[0] or ("address" if key(heading) in ADDRESS_PARTS else "")
	return FIELD_OF.get(key(heading)) or of_parts or _field_without_modifiers(heading)


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


#: headings of parts of an address -> (place in it, what is written before a mere number)
STREET, HOUSE, BUILDING, OFFICE = 1, 2, 3, 4
ADDRESS_PARTS = {
	**dict.fromkeys(
		("улица", "ул", "городулица", "street", "streetname", "addressline1", "address1"), (STREET, "")
	),
	**dict.fromkeys(("дом", "номердома", "домкорпус"), (HOUSE, "д. ")),
	**dict.fromkeys(("house", "houseno", "housenumber", "addressline2", "address2"), (HOUSE, "")),
	**dict.fromkeys(("корпус", "корп"), (BUILDING, "корп. ")),
	**dict.fromkeys(("строение", "стр"), (BUILDING, "стр. ")),
	**dict.fromkeys(("building", "block"), (BUILDING, "bldg. ")),
	**dict.fromkeys(("офис", "помещение"), (OFFICE, "оф. ")),
	**dict.fromkeys(("квартира", "кв"), (OFFICE, "кв. ")),
	**dict.fromkeys(("офисквартира", "квартираофис", "квофис", "офискв"), (OFFICE, "кв./оф. ")),
	**dict.fromkeys(("office", "suite", "officeflat", "flatoffice", "officesuite"), (OFFICE, "office ")),
	**dict.fromkeys(("flat", "apartment", "apt", "unit"), (OFFICE, "apt. ")),
}


#: headings of an address that house and office in columns of their own belong to; «Полный адрес» has them
_PLAIN_ADDRESS = frozenset(("адрес", "address", "улицадом", "streetaddress"))


def is_plain_address(heading: str) -> bool:
	"""Whether what stands under a heading may lack house and office."""
	return key(own(heading)) in _PLAIN_ADDRESS


def part_of_name(heading: str) -> int:
	"""The place in a person's name of what stands under a heading; 0 when it is no part of one."""
	return PARTS.get(key(own(heading)), ("", 0))[1]


def part_of_address(heading: str) -> tuple[int, str]:
	"""The place in an address of what stands under a heading, and what is written before it; (0, "") when it is no part."""
	return ADDRESS_PARTS.get(key(own(heading)), (0, ""))


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
