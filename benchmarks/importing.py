"""A client base of 5,000 rows to Customer, Contact, Address and Bank Account, against stock Data Import and raw `executemany`.

Our side of the first ratio is the whole way: reading the file, checking every row, creating. Data Import takes minutes for
5,000 rows, so each of its turns imports 60 rows of the same kind (its Customers make Contact and Address by themselves) and
is compared per row. `executemany` writes the very rows that our creating wrote. The last measure creates 100,000 clients on
top of each other and compares the last 5,000 with the first.
"""

import csv
import io
import itertools
import random
import tempfile

import frappe

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.parties.importing import jobs, register
from rule24_crm.parties.importing.writing import Writer
from rule24_crm.setup.tables import PARTY_KEY

COUNT, SAMPLE, MANY = 5_000, 60, 100_000
HEADER = (
	"Наименование", "Тип", "ИНН", "КПП", "Адрес", "Телефон", "E-mail", "Сайт", "Контактное лицо", "Должность", "Регион",
	"Расчётный счёт", "БИК",
)  # fmt: skip
TABLES = (
	"Customer", "Contact", "Contact Email", "Contact Phone", "Dynamic Link", "Address", "Bank", "Bank Account",
)  # fmt: skip
_numbers = itertools.count(1)
FIRST = ("Анна", "Иван", "Пётр", "Ольга", "Мария", "Сергей", "Дмитрий", "Елена", "Николай", "Татьяна")
LAST = ("Зайцев", "Волков", "Попов", "Козлов", "Морозов", "Павлов", "Петров", "Соловьёв", "Лебедев", "Орлов")


def base(count: int) -> bytes:
	"""A file of that many companies, none of which has been in a file before."""
	chance = random.Random(24)
	out = io.StringIO(newline="")
	writer = csv.writer(out, delimiter=";")
	writer.writerow(HEADER)
	for _row in range(count):
		number = next(_numbers)
		word = "".join(chance.choice("бвгдзклмнпрст") + chance.choice("аеиоу") for _syllable in range(5))
		writer.writerow(
			(
				f"ООО {word.title()}-{number}", "ЮЛ", _inn(number), f"{7700 + number % 50}01001",
				f"Москва, ул. Северная, д. {number}", f"+7495{number % 10_000_000:07d}", f"info{number}@example.ru",
				f"www.example-{number}.ru", f"{chance.choice(LAST)} {chance.choice(FIRST)}", "Директор", "Москва",
				f"407028101{number:011d}", "",
			)
		)  # fmt: skip
	return out.getvalue().encode("cp1251")


def _inn(number: int) -> str:
	digits = f"77{number:07d}"
	weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
	key = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10
	return f"{digits}{key}"


def imported(content: bytes):
	"""An import whose register is filled."""
	doc = frappe.get_doc({"doctype": "Party Import", "responsible": "Distribution Rules"}).insert()
	file = frappe.get_doc(
		{
			"doctype": "File", "file_name": f"bench-{doc.name}.csv", "is_private": 1, "content": content,
			"attached_to_doctype": doc.doctype, "attached_to_name": doc.name,
		}
	).insert()  # fmt: skip
	doc.db_set("file", file.file_url)
	jobs.recognise(doc)
	register.fill(doc, jobs.open_path(jobs.path_of(doc), jobs.layout_of(doc)))
	return doc


def create(doc, chunk: int = jobs.CHUNK) -> None:
	"""Make clients of all rows, as the job does."""
	writer, last = Writer(doc), ""
	while rows := frappe.get_all(
		register.ROW,
		{"party_import": doc.name, "state": ("in", register.CREATABLE), "name": (">", last)},
		["*"],
		order_by="name",
		limit=chunk,
	):
		last = rows[-1].name
		writer.write(rows)


def data_import(count: int) -> None:
	"""Stock Data Import of customers, their contacts and their addresses: three files, as it has to be done there."""
	group = frappe.db.get_value("Customer Group", {"is_group": 0})
	territory = frappe.db.get_value("Territory", {"is_group": 0})
	numbers = [next(_numbers) for _row in range(count)]
	names = [f"ООО Сток {number}" for number in numbers]
	_import_file(
		"Customer",
		("customer_name", "customer_type", "customer_group", "territory", "tax_id", "website"),
		[
			(name, "Company", group, territory, _inn(number), f"www.example-{number}.ru")
			for name, number in zip(names, numbers, strict=True)
		],
	)
	_import_file(
		"Contact",
		(
			"first_name", "last_name", "email_ids.email_id", "phone_nos.phone", "links.link_doctype", "links.link_name",
		),
		[
			("Иван", "Попов", f"stock{number}@example.ru", f"+7495{number % 10_000_000:07d}", "Customer", name)
			for name, number in zip(names, numbers, strict=True)
		],
	)  # fmt: skip
	_import_file(
		"Address",
		(
			"address_title",
			"address_type",
			"address_line1",
			"city",
			"country",
			"links.link_doctype",
			"links.link_name",
		),
		[
			(name, "Billing", "ул. Северная, 1", "Москва", "Russian Federation", "Customer", name)
			for name in names
		],
	)


def _import_file(doctype: str, fields: tuple[str, ...], rows: list[tuple]) -> None:
	from frappe.core.doctype.data_import.importer import Importer

	settings = frappe.get_doc(
		{
			"doctype": "Data Import",
			"reference_doctype": doctype,
			"import_type": "Insert New Records",
			"mute_emails": 1,
		}
	).insert()
	with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
		writer = csv.writer(file)
		writer.writerow(fields)
		writer.writerows(rows)
		file.flush()
		before = frappe.db.count(doctype)
		Importer(doctype, data_import=settings, file_path=file.name, console=True).import_data()
		if frappe.db.count(doctype) - before != len(rows):
			raise RuntimeError(f"Data Import has not taken every {doctype}: the comparison would be false")
	frappe.flags.in_import = False


def measure() -> list[Ratio]:
	"""See the module."""
	frappe.flags.mute_emails = True
	made = imported(base(COUNT))
	block, statements = _written(lambda: create(made))
	frappe.db.commit()  # the site is thrown away; Data Import commits each row as well
	cursor = frappe.db._conn.cursor()

	def raw():
		for statement, rows in zip(statements, block, strict=True):
			cursor.executemany(statement, rows)

	def undo():
		frappe.db.rollback()
		frappe.cache.delete_value("global_search_queue")

	whole = interleaved(
		{
			"ours": Side(lambda: create(imported(base(COUNT))), undo=undo, units=COUNT),
			"stock": Side(lambda: _quiet(lambda: data_import(SAMPLE)), undo=undo, units=SAMPLE),
		},
		rounds=3,
	)
	frappe.db.delete("Customer")
	for table in (*TABLES[1:], "Party Import Row"):
		frappe.db.delete(table)
	frappe.db.sql(f"delete from `{PARTY_KEY}`")
	frappe.db.commit()
	docs = iter([imported(base(COUNT)) for _round in range(4)])
	frappe.db.commit()
	creating = interleaved(
		{
			"ours": Side(lambda: create(next(docs)), undo=undo, units=COUNT),
			"raw": Side(raw, undo=undo, units=COUNT),
		},
		rounds=3,
	)
	first, last = _growing()
	rate = {
		name: 1 / seconds
		for name, seconds in {**whole, "creating": creating["ours"], "raw": creating["raw"]}.items()
	}
	detail = ", ".join(f"{name} {value:,.0f}/s" for name, value in rate.items())
	return [
		Ratio(
			"import 5,000 clients: against Data Import", rate["ours"] / rate["stock"], 40, True, "x", detail
		),
		Ratio(
			"create 5,000 clients: against raw executemany",
			100 * rate["creating"] / rate["raw"],
			30,
			True,
			"%",
			detail,
		),
		Ratio(
			f"create {MANY:,} clients: the last 5,000 against the first",
			last / first,
			1.5,
			False,
			"x",
			f"{COUNT / first:,.0f}/s, {COUNT / last:,.0f}/s",
		),
	]


def _quiet(run) -> None:
	import contextlib

	with contextlib.redirect_stdout(io.StringIO()):
		run()


def _written(write) -> tuple[list[list], list[str]]:
	"""Rows that `write` adds to every table, and the statements that would add them again."""
	before = {table: set(frappe.get_all(table, pluck="name", order_by=None)) for table in TABLES}
	write()
	block, statements = [], []
	for table in TABLES:
		columns = frappe.db.get_table_columns(table)
		names = ",".join(f"`{column}`" for column in columns)
		rows = frappe.db.sql(f"select {names} from `tab{table}`")
		at = columns.index("name")
		block.append([row for row in rows if row[at] not in before[table]])
		statements.append(f"insert into `tab{table}` ({names}) values ({','.join(['%s'] * len(columns))})")
	block.append(list(frappe.db.sql(f"select kind, value, party_type, party, detail from `{PARTY_KEY}`")))
	statements.append(f"insert into `{PARTY_KEY}` values (%s, %s, %s, %s, %s)")
	return block, statements


def _growing() -> tuple[float, float]:
	"""Seconds for the first and for the last 5,000 of 100,000 clients."""
	import time

	times = []
	for _part in range(MANY // COUNT):
		doc = imported(base(COUNT))
		frappe.db.commit()
		start = time.perf_counter()
		create(doc)
		frappe.db.commit()
		times.append(time.perf_counter() - start)
		frappe.db.delete(register.ROW, {"party_import": doc.name})
	return min(times[:3]), min(times[-3:])
