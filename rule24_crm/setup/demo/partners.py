"""A client with a past: people and their families, relations, deals that were won, posted invoices, calls made and planned."""

import datetime

import frappe
from frappe.utils import add_days, getdate, nowdate

from rule24_crm.deals import belonging
from rule24_crm.parties.company import default_company
from rule24_crm.setup.demo import people
from rule24_crm.setup.demo.company import service
from rule24_crm.work import closing

CUSTOMER = "ООО «Северный ветер»"
MANAGER = people.MANAGERS[0]

#: made-up, nobody's, with correct check digits: what an invoice and an act print
REQUISITES = {"tax_id": "7805240015", "rule24_kpp": "780501001", "rule24_ogrn": "1247800240016"}

#: first name, last name, position, days until the birthday, family: name, who it is, days until the birthday
PERSONS = (
	("Елена", "Ветрова", "Генеральный директор", 2, (("Миша", "Son", 20), ("Андрей", "Spouse", 130))),
	("Олег", "Бурный", "Главный бухгалтер", 200, ()),
)
#: how old the people of a family are
AGES = {"Son": 20, "Spouse": 46}
#: kind of record (empty: by name only), name, kind of relation, which side the other is
RELATIONS = (
	("Prospect", "АО «Полярный холдинг»", "Parent Company", "from"),
	("Lead", "ООО «Метель-Сервис»", "Parent Company", "to"),
	("Lead", "ООО «Пурга-Логистика»", "Carrier", "from"),
	("Supplier", "ООО «Тёплые полы»", "Supplier", "from"),
	("Competitor", "ЗАО «Южный бриз»", "Competitor", "to"),
	("Competitor", "ООО «Муссон»", "Competitor", "to"),
	("Customer", "ООО «Ледокол»", "Partner", "to"),
	("Customer", "ООО «Айсберг»", "Supplier", "to"),
	("", "ИП Морозов К. А.", "Dealer", "from"),
	("", "Ассоциация северных компаний", "Partner", "to"),
)
#: what the others have to do with each other
FURTHER = (
	("АО «Полярный холдинг»", "ООО «Ледокол»", "Parent Company"),
	("ООО «Ледокол»", "ЗАО «Южный бриз»", "Competitor"),
	("ООО «Ледокол»", "ООО «Торос»", "Supplier"),
	("ООО «Айсберг»", "ООО «Наст»", "Partner"),
)
#: days ago, how many places at the seminar
INVOICES = ((75, 2), (40, 1), (9, 3))


def make() -> None:
	"""Make the client and all around it unless it is there already."""
	if frappe.db.exists("Customer", CUSTOMER):
		return
	customer = _party("Customer", CUSTOMER, rule24_phase="Active", **REQUISITES, **_knowledge())
	_address(customer)
	persons = [_person(customer, *row) for row in PERSONS]
	records = {CUSTOMER: ("Customer", customer)}
	for contact, kind in zip(persons, ("Director", "Chief Accountant"), strict=True):
		_relate(("Contact", contact), records[CUSTOMER], kind)
	for doctype, name, kind, other_is in RELATIONS:
		records[name] = (doctype, _party(doctype, name)) if doctype else ("", name)
		ends = (records[name], records[CUSTOMER])
		_relate(*(ends if other_is == "from" else ends[::-1]), kind)
	for first, second, kind in FURTHER:
		if second not in records:
			records[second] = ("", second)
		_relate(records[first], records[second], kind)
	for days, places in INVOICES:
		_sale(customer, days, places)
	_works(customer, persons[0])


def _knowledge() -> dict:
	return {
		"rule24_potential": 400000,
		"rule24_reaction": "Buys Readily",
		"rule24_obligations": "Mostly",
		"rule24_satisfaction": "Satisfied",
		"rule24_preferences": "Звонить до обеда. В этом году учат весь отдел продаж, раньше — только руководителей.",
	}


def _party(doctype: str, name: str, **values) -> str:
	fields = {
		"Customer": {
			"customer_name": name,
			"customer_type": "Company",
			"account_manager": MANAGER,
			**_usual("customer_group", "Customer Group"),
			**_usual("territory", "Territory"),
		},
		"Lead": {"company_name": name, "lead_owner": MANAGER, "company": default_company()},
		"Prospect": {"company_name": name, "prospect_owner": MANAGER, "company": default_company()},
		"Supplier": {
			"supplier_name": name,
			"supplier_group": frappe.db.get_value("Supplier Group", {"is_group": 0}),
		},
		"Competitor": {"competitor_name": name},
	}[doctype]
	return frappe.get_doc({"doctype": doctype, **fields, **values}).insert().name


def _address(customer: str) -> None:
	address = frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": customer,
			"address_type": "Billing",
			"address_line1": "наб. Учебная, д. 7",
			"city": "Санкт-Петербург",
			"pincode": "198000",
			"country": "Russian Federation",
		}
	)
	address.append("links", {"link_doctype": "Customer", "link_name": customer})
	address.insert()


def _usual(field: str, doctype: str) -> dict:
	"""As ERPNext proposes it for a new client (see `company.make`), else the first there is."""
	usual = frappe.db.get_single_value("Selling Settings", field)
	return {field: usual or frappe.db.get_value(doctype, {"is_group": 0})}


def _person(customer: str, first: str, last: str, position: str, days: int, family: tuple) -> str:
	person = frappe.get_doc(
		{
			"doctype": "Contact",
			"first_name": first,
			"last_name": last,
			"designation": position,
			"rule24_birthday": _born(days, 44),
			"rule24_preferences": "Любит лыжи; не дарить цветы" if family else "",
			"links": [{"link_doctype": "Customer", "link_name": customer}],
			"phone_nos": [{"phone": f"+7495000{days:04}", "is_primary_mobile_no": 1}],
		}
	)
	for name, relation, until in family:
		person.append(
			"rule24_family",
			{"relative_name": name, "relation": relation, "birthday": _born(until, AGES[relation])},
		)
	return person.insert().name


def _born(days: int, years: int) -> datetime.date:
	day = getdate(add_days(nowdate(), days))
	return day.replace(year=day.year - years, day=min(day.day, 28))


def _relate(first: tuple[str, str], second: tuple[str, str], kind: str) -> None:
	relation = frappe.new_doc("Partner Relation")
	relation.kind = kind
	for side, (doctype, name) in (("from", first), ("to", second)):
		relation.update({f"{side}_type": doctype, f"{side}_party" if doctype else f"{side}_title": name})
	relation.insert()


def _sale(customer: str, days: int, places: int) -> None:
	"""A deal that was won, and its invoice as the accountant has posted it."""
	day = max(getdate(add_days(nowdate(), -days)), getdate(nowdate()).replace(month=1, day=1))
	item = {"item_code": service(), "qty": places, "rate": 12000, "uom": "Nos"}
	deal = frappe.get_doc(
		{
			"doctype": "Opportunity",
			"opportunity_from": "Customer",
			"party_name": customer,
			"company": default_company(),
			"transaction_date": day,
			"opportunity_owner": MANAGER,
			"items": [item],
		}
	).insert()
	deal.db_set("status", "Converted")
	invoice = frappe.get_doc(
		{
			"doctype": "Sales Invoice",
			"customer": customer,
			"company": default_company(),
			"set_posting_time": 1,
			"posting_date": day,
			"due_date": add_days(day, 10),
			"items": [item],
		}
	)
	belonging.issued_for(invoice, deal.name)
	invoice.set_missing_values()
	invoice.insert()
	invoice.submit()


def _works(customer: str, contact: str) -> None:
	done = frappe.get_doc(
		{
			"doctype": "Work",
			"subject": "Узнать, как прошёл семинар",
			"action": "Call",
			"party_type": "Customer",
			"party": customer,
			"contact": contact,
			"assigned_to": MANAGER,
			"planned_on": nowdate(),
		}
	).insert()
	closing.close(done.name, "Call Back Later", note="Довольны, хотят ещё двоих")
