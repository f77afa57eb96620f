"""The client base of 5,000 rows to Customer, Contact, Address and Bank Account, against stock Data Import and raw `executemany`.

The rows are those of the demo's register, broken ones and doubles among them, with names, INN, phones and e-mails that have
not been in a file before. Our side of the first ratio is the whole way: reading the file, checking every row, creating.
Data Import takes minutes for 5,000 rows, so each of its turns imports 60 of the same rows (of those that have everything
right), and is compared per row; what ours makes of a row, five files make there. `executemany` writes the very rows that our
creating wrote. The last two measures import 5,000, 20,000 and 100,000 rows one after another, each in one import, the whole
way, and compare rows per second of processor time, this process's and the database's together. Whatever writes into a larger
table takes longer, and the memory of the processor holds less of it: how much is told by `executemany` of the same 5,000
clients before and after each of the imports, undone each time. An import is linear as far as its rows become no dearer than those.
"""

import contextlib
import csv
import gzip
import io
import itertools
import os
import random
import tempfile
import time
from pathlib import Path

import frappe

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.parties.identity.numbers import is_inn
from rule24_crm.parties.importing import jobs, register
from rule24_crm.parties.importing.checking import COMPANY, check
from rule24_crm.parties.importing.reading import read
from rule24_crm.parties.importing.writing import Writer
from rule24_crm.setup.demo.client_base import FILE
from rule24_crm.setup.tables import PARTY_KEY

COUNT, SAMPLE, ROUNDS = 5_000, 60, 3
GROWING = (5_000, 20_000, 100_000)
NAME, KIND, INN, KPP, OGRN, ADDRESS, PHONE, EMAIL, SITE, PERSON = range(10)
ACCOUNT, BIC = 15, 16
TABLES = (
	"Customer", "Contact", "Contact Email", "Contact Phone", "Dynamic Link", "Address", "Bank", "Bank Account",
	"Distribution Log",
)  # fmt: skip
_numbers = itertools.count(1)


def base(count: int) -> bytes:
	"""A file of that many rows of the demo's register, changed so that nobody in it has been in a file before."""
	header, *rows = _register()
	out = io.StringIO(newline="")
	writer = csv.writer(out, delimiter=";")
	writer.writerow(header)
	writer.writerows(map(_changed, itertools.islice(itertools.cycle(rows), count)))
	return out.getvalue().encode("cp1251")


def _register() -> list[list[str]]:
	text = gzip.decompress(FILE.read_bytes()).decode("cp1251")
	return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def _changed(row: list[str]) -> list[str]:
	"""A row of the register as that of somebody else; what is wrong in it stays wrong."""
	number, row = next(_numbers), list(row)
	chance = random.Random(number)
	word = "".join(chance.choice("бвгдзклмнпрст") + chance.choice("аеиоу") for _syllable in range(5)).title()
	if row[NAME]:
		row[NAME] = f"{row[NAME]} {word}" if row[KIND] != "ФЛ" else " ".join([word, *row[NAME].split()[1:]])
	if is_inn(row[INN]):
		row[INN] = _inn(row[INN], number)
	row[PHONE] = f"+7495{number % 10_000_000:07d}" if row[PHONE] else ""
	row[EMAIL] = f"n{number}.{row[EMAIL]}" if row[EMAIL] else ""
	return row


def _inn(like: str, number: int) -> str:
	"""A right INN as long as the given one."""
	digits = f"{like[:2]}{number:0{7 if len(like) == 10 else 8}d}"
	weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
	for _key in range(len(like) - len(digits)):
		key = sum(int(d) * w for d, w in zip(digits, weights[11 - len(digits) :], strict=True)) % 11 % 10
		digits += str(key)
	return digits


def imported(content: bytes):
	"""An import whose register is filled."""
	doc = _import_of(content)
	jobs.recognise(doc)
	register.fill(doc, jobs.open_path(jobs.path_of(doc), jobs.layout_of(doc)))
	return doc


def _import_of(content: bytes):
	doc = frappe.get_doc({"doctype": "Party Import", "responsible": "Distribution Rules"}).insert()
	file = frappe.get_doc(
		{
			"doctype": "File", "file_name": f"bench-{doc.name}.csv", "is_private": 1, "content": content,
			"attached_to_doctype": doc.doctype, "attached_to_name": doc.name,
		}
	).insert()  # fmt: skip
	doc.db_set("file", file.file_url)
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


def data_import(rows: list[list[str]]) -> None:
	"""Stock Data Import of the same: customers, contacts, addresses, banks, accounts, a file for each, as it has to be done there."""
	group = frappe.db.get_value("Customer Group", {"is_group": 0})
	territory = frappe.db.get_value("Territory", {"is_group": 0})
	_import_file(
		"Customer",
		(
			"customer_name", "customer_type", "customer_group", "territory", "tax_id", "website", "rule24_kind",
			"rule24_kpp", "rule24_ogrn",
		),
		[
			(row[NAME], "Company", group, territory, row[INN], row[SITE], "Legal Entity", row[KPP], row[OGRN])
			for row in rows
		],
	)  # fmt: skip
	_import_file(
		"Contact",
		(
			"first_name",
			"last_name",
			"email_ids.email_id",
			"phone_nos.phone",
			"links.link_doctype",
			"links.link_name",
		),
		[(*_person(row), row[EMAIL], row[PHONE], "Customer", row[NAME]) for row in rows],
	)
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
			(row[NAME], "Billing", row[ADDRESS], "Москва", "Russian Federation", "Customer", row[NAME])
			for row in rows
		],
	)
	banks = dict.fromkeys(row[BIC] for row in rows)
	there = frappe.get_all("Bank", {"bank_name": ("in", list(banks))}, pluck="name")
	if new := [(bic, bic) for bic in banks if bic not in there]:
		_import_file("Bank", ("bank_name", "rule24_bic"), new)
	_import_file(
		"Bank Account",
		("account_name", "bank", "party_type", "party", "bank_account_no", "is_default"),
		[
			(f"{row[ACCOUNT]} {row[NAME]}"[:100], row[BIC], "Customer", row[NAME], row[ACCOUNT], 1)
			for row in rows
		],
	)


def whole_rows(count: int) -> list[list[str]]:
	"""So many rows of companies that have everything, and right, and have not been in a file before."""
	sheet = read(gzip.decompress(FILE.read_bytes()))
	clients = [check(record, sheet) for record in sheet.records]
	rows = [
		row
		for row, client in zip(_register()[1:], clients, strict=True)
		if client.kind == COMPANY
		and not client.warnings
		and all(
			(
				client.inn,
				client.address,
				client.phones,
				client.emails,
				client.contact,
				client.account,
				client.bic,
			)
		)
	]
	return [_changed(row) for row in itertools.islice(itertools.cycle(rows), count)]


def _person(row: list[str]) -> tuple[str, str]:
	last, _blank, first = row[PERSON].partition(" ")
	return first or last, last if first else ""


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
	created = register.count(made)["rows_created"]
	frappe.db.commit()  # the site is thrown away; Data Import commits each row as well
	cursor = frappe.db._conn.cursor()

	def raw():
		for statement, rows in zip(statements, block, strict=True):
			cursor.executemany(statement, rows)

	def undo():
		frappe.db.rollback()
		frappe.cache.delete_value("global_search_queue")

	files = iter([base(COUNT) for _round in range(ROUNDS + 1)])
	samples = iter([whole_rows(SAMPLE) for _round in range(ROUNDS + 1)])
	whole = interleaved(
		{
			"ours": Side(lambda: create(imported(next(files))), undo=undo, units=COUNT),
			"stock": Side(lambda: _quiet(lambda: data_import(next(samples))), undo=undo, units=SAMPLE),
		},
		rounds=ROUNDS,
	)
	for table in (*TABLES, "Party Import Row"):
		frappe.db.delete(table)
	frappe.db.sql(f"delete from `{PARTY_KEY}`")
	frappe.db.commit()
	docs = iter([imported(base(COUNT)) for _round in range(ROUNDS + 1)])
	frappe.db.commit()
	creating = interleaved(
		{
			"ours": Side(lambda: create(next(docs)), undo=undo, units=created),
			"raw": Side(raw, undo=undo, units=created),
		},
		rounds=ROUNDS,
	)
	rate = {
		name: 1 / seconds
		for name, seconds in {**whole, "creating": creating["ours"], "raw": creating["raw"]}.items()
	}
	detail = ", ".join(f"{name} {value:,.0f}/s" for name, value in rate.items())
	tables = [*TABLES, PARTY_KEY]

	def raw_without_banks():
		# the imports before have made the same banks
		for table, statement, rows in zip(tables, statements, block, strict=True):
			if table != "Bank":
				cursor.executemany(statement, rows)

	rates = _growing(Side(raw_without_banks, undo=undo, units=created))
	slower, raw_slower = (rates[GROWING[0]][at] / rates[GROWING[-1]][at] for at in (1, 2))
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
			"import 100,000 clients: rows per second, 5,000 against it",
			slower,
			1.5,
			False,
			"x",
			", ".join(
				f"{count:,}: {processor:,.0f} a processor second, {wall:,.0f}/s"
				for count, (wall, processor, _raw) in rates.items()
			),
		),
		Ratio(
			"import 100,000 clients: what its rows become dearer, against raw executemany at the same sizes",
			slower / raw_slower,
			1.2,
			False,
			"x",
			", ".join(
				f"{count:,}: raw {raw:,.0f} a processor second, ours {processor:,.0f}"
				for count, (_wall, processor, raw) in rates.items()
			),
		),
	]


def _quiet(run) -> None:
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


def _growing(raw: Side) -> dict[int, tuple[float, float, float]]:
	"""Rows per second of imports that get larger, the whole way, each on top of those before; committed as the jobs do.

	:param raw: writes clients into the same tables, and undoes it.
	:return: size -> by the clock, and by the processor time of this process and the database, which the machine's other work
		does not stretch; clients per second of such time that `raw` writes, the mean of before and after.
	"""
	rates = {}
	before = _raw_seconds(raw)
	# a file of 100,000 rows is larger than what Frappe takes when nobody has told it otherwise
	frappe.db.set_single_value("System Settings", "max_file_size", 150)
	frappe.clear_document_cache("System Settings", "System Settings")
	frappe.local.system_settings = None
	frappe.conf.max_file_size = 150_000_000
	for count in GROWING:
		content = base(count)
		start, processor = time.perf_counter(), _processor_seconds()
		doc = _import_of(content)
		jobs.recognise(doc)
		jobs.fill(doc, commit=frappe.db.commit)
		jobs.queue(doc)
		jobs.run(doc, commit=frappe.db.commit)
		wall, processor = time.perf_counter() - start, _processor_seconds() - processor
		after = _raw_seconds(raw)
		rates[count] = (count / wall, count / processor, 2 / (before + after))
		before = after
		if doc.rows_created < count * 0.9:
			raise RuntimeError(
				f"only {doc.rows_created} of {count} rows are clients: the rate would be false"
			)
		frappe.cache.delete_value("global_search_queue")
	return rates


def _raw_seconds(raw: Side) -> float:
	"""Processor seconds for one client, the least of three turns: the first one finds the tables' pages out of mind."""
	taken = []
	for _turn in range(3):
		processor = _processor_seconds()
		raw.run()
		taken.append((_processor_seconds() - processor) / raw.units)
		raw.undo()
	return min(taken)


def _processor_seconds() -> float:
	"""Of this process and of the database server, where that runs on this machine."""
	pid_file, data = frappe.db.sql("select @@pid_file, @@datadir")[0]
	try:
		pid = (Path(data) / pid_file).read_text().strip()
		# the name in parentheses may have blanks; after it the 12th and 13th are user and system time
		times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
	except OSError:
		return time.process_time()
	return time.process_time() + sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
