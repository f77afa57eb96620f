"""Who is this? Among 100,000 clients, by all that a manager types: INN, phone, e-mail and a name with an error in it.

Against the four bare look-ups by an index that no search can do without, and against the search ERPNext users do by hand:
`LIKE` over names and phones. The slowest of the searches counts as well as the median: a manager types on meanwhile.
"""

import random
import statistics
import time

import frappe

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.parties.duplicates import Candidate, find, find_many, keys, store
from rule24_crm.setup.tables import PARTY_KEY

COUNT, SEARCHES, CHUNK = 100_000, 60, 5_000
COMMON = "строй сервис торг инвест групп мед тех плюс авто транс проект центр агро пром лайн дом снаб ресурс альянс".split()
SURNAMES = "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев".split()
FIRST = "Иван Пётр Анна Мария Сергей Елена Алексей Ольга Дмитрий Наталья Андрей Татьяна Михаил Ирина".split()
CONSONANTS, VOWELS = "бвгдзклмнпрстфх", "аеиоуя"


def measure() -> list[Ratio]:
	"""See the module."""
	chance = random.Random(24)
	clients = [_client(chance, number) for number in range(COUNT)]
	_write(clients)
	wanted = [_mistyped(chance, clients[chance.randrange(COUNT)]) for _number in range(SEARCHES)]
	hits = sum(
		any(match.party == party for match in find(candidate, limit=5)) for party, candidate, _value in wanted
	)
	named = [(party, Candidate(name=candidate.name)) for party, candidate, _value in wanted]
	by_name = sum(any(match.party == party for match in find(each, limit=5)) for party, each in named)
	slowest = statistics.quantiles([_seconds(find, candidate) for _p, candidate, _v in wanted * 3], n=20)[-1]

	def ours():
		for _party, candidate, _value in wanted:
			find(candidate)

	def bare():
		for _party, candidate, value in wanted:
			for kind, key in (
				("inn", candidate.inn),
				("phone", candidate.phones[0]),
				("email", candidate.emails[0]),
				("name", value),
			):
				frappe.db.sql(
					f"select party_type, party from `{PARTY_KEY}` where kind = %s and value = %s limit 5",
					(kind, key),
				)

	def by_hand():
		for _party, candidate, _value in wanted[:6]:
			frappe.db.sql(
				"select name from `tabCustomer` where tax_id = %s or customer_name like %s or mobile_no like %s limit 5",
				(candidate.inn, f"%{candidate.name[:8]}%", f"%{candidate.phones[0][-10:]}"),
			)

	times = interleaved(
		{
			"ours": Side(ours, units=SEARCHES),
			"four bare look-ups": Side(bare, units=SEARCHES),
			"LIKE": Side(by_hand, units=6),
		},
		rounds=5,
	)
	found = f"{hits} of {SEARCHES} found, {by_name} by the mistyped name alone"
	detail = ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in times.items())
	many = [candidate for _party, candidate, _value in wanted] * 5
	pace = len(many) / _seconds(find_many, many)
	rough = len(many) / _seconds(lambda: find_many(many, near=False))
	return [
		Ratio(
			"duplicates among 100,000 clients: 95 of 100 searches take less than",
			slowest * 1000,
			50,
			False,
			"ms",
			found,
		),
		Ratio(
			"duplicates among 100,000 clients: against LIKE over one table",
			times["LIKE"] / times["ours"],
			3,
			True,
			"x",
			f"{detail}; many at once {pace:.0f} /s, without near names {rough:.0f} /s",
		),
	]


def _seconds(run, *arguments) -> float:
	start = time.perf_counter()
	run(*arguments)
	return time.perf_counter() - start


def _client(chance: random.Random, number: int) -> dict:
	"""A company (three of four) or a person, with INN, phone and e-mail."""
	if number % 4 == 3:
		name = f"{chance.choice(SURNAMES)} {chance.choice(FIRST)} {_word(chance, 3).title()}ович"
	else:
		common = chance.choices(COMMON, k=chance.choice((0, 1, 1, 2)))
		words = [_word(chance, chance.choice((2, 3, 3, 4))), *common]
		chance.shuffle(words)
		name = f"ООО «{' '.join(words).title()}»"
	return {
		"party": f"C-{number:06}",
		"name": name,
		"inn": str(7_700_000_000 + number),
		"phone": f"+7912{number:07}",
		"email": f"client{number}@example.com",
	}


def _word(chance: random.Random, syllables: int) -> str:
	return "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _each in range(syllables))


def _mistyped(chance: random.Random, client: dict) -> tuple[str, Candidate, str]:
	"""(party, what a manager types of it, its key by name): no legal form, one letter wrong; half without INN and phone."""
	name = client["name"].replace("ООО", "").strip(" «»")
	at = chance.randrange(1, len(name) - 1)
	name = name[:at] + chance.choice(CONSONANTS + VOWELS) + name[at + 1 :]
	given = chance.random() < 0.5
	candidate = Candidate(
		name=name,
		inn=client["inn"] if given else "7800000000",
		phones=[client["phone"] if given else "+79990000000"],
		emails=[client["email"] if chance.random() < 0.5 else "nobody@example.com"],
	)
	if not given:
		candidate.inn = ""
	return client["party"], candidate, keys.Name.of(client["name"]).value


def _write(clients: list[dict]) -> None:
	fields = ("name", "customer_name", "tax_id", "mobile_no", "customer_type", "creation", "modified")
	stamp = frappe.utils.now()
	for start in range(0, len(clients), CHUNK):
		chunk = clients[start : start + CHUNK]
		frappe.db.bulk_insert(
			"Customer",
			fields,
			[(c["party"], c["name"], c["inn"], c["phone"], "Company", stamp, stamp) for c in chunk],
		)
		store.write(
			row
			for c in chunk
			for row in keys.rows(
				"Customer",
				c["party"],
				names=[c["name"]],
				inn=c["inn"],
				phone_numbers=[c["phone"]],
				addresses=[c["email"]],
			)
		)
