"""Which column of a client base means what: the headings each field is known by, and values that speak for themselves."""

from __future__ import annotations

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
	),
}


def key(heading: str) -> str:
	"""A heading without what people vary: case, spaces, punctuation, ё."""
	return "".join(char for char in heading.casefold().replace("ё", "е") if char.isalnum())


FIELD_OF = {key(heading): field for field, headings in HEADINGS.items() for heading in headings}
#: several columns of these are one list; of any other field the first one filled in counts
LISTS = ("phone", "email", "segment")


def field_for(heading: str) -> str:
	"""The field a heading names, or nothing."""
	return FIELD_OF.get(key(heading), "")


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
