"""Reading and creating as jobs: in chunks, with progress, to be paused, and to be continued after whatever ended them."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_job_status
from rq.job import JobStatus

from rule24_crm.compat import cache
from rule24_crm.exceptions import ImportFileError, PartyImportError, Rule24Error
from rule24_crm.parties.importing import locks, register
from rule24_crm.parties.importing.csv_files import MIXED
from rule24_crm.parties.importing.headings import key
from rule24_crm.parties.importing.reading import Table, open_path
from rule24_crm.parties.importing.recognising import MEANING, MEANING_OF, Layout
from rule24_crm.parties.importing.writing import Writer

IMPORT = "Party Import"
QUEUE = "long"
TIMEOUT = 6 * 60 * 60
CHUNK = 1000
#: what is done while the user waits; anything larger is a job
AT_ONCE_BYTES, AT_ONCE_ROWS = 200_000, 50
NEW, READING, CHECKING, CHECKED, CREATING, PAUSED, DONE, FAILED = (
	"New", "Reading", "Checking", "Checked", "Creating", "Paused", "Done", "Failed",
)  # fmt: skip
#: how long a worker may take to end its job when its work is done, and how often that is looked at
ENDING_SECONDS, PAUSE_SECONDS = 3, 0.1
#: somebody works on it, or was interrupted
WORKING = (READING, CHECKING, CREATING)
DELIMITERS = {"Comma": ",", "Semicolon": ";", "Tab": "\t", "Vertical Bar": "|"}


# -- reading ------------------------------------------------------------------------------------------------------------


def recognise(doc) -> None:
	"""Find out how the file is written and what its columns mean, and keep that in the import.

	:raises ImportFileError: the file cannot be understood at all.
	:raises PartyImportError: clients have been created from it already, or there is none.
	"""
	_refuse_if_begun(doc)
	template = _template(doc)
	# what was chosen by hand for a file that could not be read counts
	layout = Layout() if doc.columns else layout_of(doc)
	if template:
		layout = Layout(
			encoding=template.encoding or "",
			delimiter=DELIMITERS.get(template.delimiter, ""),
			worksheet=template.worksheet or "",
			header_row=template.header_row,
			header_rows=template.heading_rows or 0,
			fields={key(column.heading): MEANING_OF.get(column.meaning, "") for column in template.columns},
		)
	_keep_layout(doc, _open(doc, layout))
	doc.update({"status": NEW, "problem": ""})
	_save(doc)


def recognise_and_read(doc) -> bool:
	"""Recognise the file and read it, unless somebody has to say first in which column the names are.

	:return: whether it is on the queue.
	:raises ImportFileError: the file cannot be read.
	:raises PartyImportError: clients have been created from it already, or there is none.
	"""
	recognise(doc)
	return has_names(doc) and read(doc)


def telling_why_not(doc, step) -> dict:
	"""Do a step; why the file could not be read is kept in the import, where whoever comes back to it finds it.

	:param step: function of the import that says whether it is on the queue.
	:return: `{"queued": ..., "problem": in words, or empty}`.
	:raises PartyImportError: clients have been created from it already, or there is none.
	"""
	frappe.db.savepoint("rule24_import_file")
	try:
		return {"queued": step(doc), "problem": ""}
	except ImportFileError as error:
		frappe.db.rollback(save_point="rule24_import_file")
		_fail(doc, error)
		return {"queued": False, "problem": doc.problem}


def read(doc) -> bool:
	"""Fill the register from the file, as the import's columns say; a large file on the queue.

	:return: whether it is on the queue.
	:raises ImportFileError: the file cannot be read.
	:raises PartyImportError: clients have been created from it already, or a worker is at it, or will be.
	"""
	_refuse_if_begun(doc)
	table = _open(doc, layout_of(doc))
	if [column.heading[:255] for column in table.layout.columns] != [row.heading for row in doc.columns]:
		# the separator or the row of headings has changed, and with it the columns
		_keep_layout(doc, table)
		_save(doc)
	if "name" not in table.sheet().columns:
		raise ImportFileError(
			_(
				"No column holds the names of the clients. Choose {0} as the meaning of one of them, and save."
			).format(frappe.bold(_("Name")))
		)
	if path_of(doc).stat().st_size > AT_ONCE_BYTES:
		return _enqueue(doc, READING, _read_job)
	fill(doc)
	return False


def fill(doc, commit=None) -> None:
	"""Fill the register from the file, here and now.

	:param commit: called after every chunk; only a job of its own may give it.
	:raises ImportFileError: the file cannot be read to its end, or has no rows.
	"""
	table = _open(doc, layout_of(doc))
	with locks.held(doc.name):
		if register.has_created(doc):
			raise _begun()
		_set(doc, status=READING, problem="", heartbeat=now_datetime(), checked_layout=layout_key(doc))
		table.survey()
		report = _Progress(doc, _("Rows checked"), size=0)
		register.fill(doc, table, commit=commit, progress=report.show)
		counts = register.count(doc)
		if not counts["rows_total"]:
			raise ImportFileError(_("There are headings in the file, and no rows under them."))
		_set(doc, status=CHECKED, heartbeat=now_datetime())


def _read_job(party_import: str, user: str) -> None:
	doc = frappe.get_doc(IMPORT, party_import)
	with _telling(doc, user):
		fill(doc, commit=frappe.db.commit)  # the job's own transaction: rows that are checked stay checked


def layout_of(doc) -> Layout:
	"""How the import says that its file is written."""
	return Layout(
		encoding=doc.encoding or "",
		delimiter=DELIMITERS.get(doc.delimiter, ""),
		worksheet=doc.worksheet or "",
		header_row=None if doc.header_row < 0 else doc.header_row,
		header_rows=doc.heading_rows or 0,
		fields={key(column.heading): MEANING_OF.get(column.meaning, "") for column in doc.columns} or None,
	)


def layout_key(doc) -> str:
	"""What the check of the rows depends on; another one than the kept one means that they have to be read again."""
	layout = layout_of(doc)
	given = [doc.file, layout.encoding, layout.delimiter, layout.worksheet, layout.header_row, layout.fields]
	if layout.header_rows > 1:  # one row is usual: imports of an earlier version say nothing of it
		given.append(layout.header_rows)
	return frappe.as_json(given, indent=None)


def refuse_before_reading(party_import: str) -> None:
	"""A row that is corrected while the file is going to be read anew would be lost with all the others.

	:raises PartyImportError: the file is being read, or waits for it, be it for somebody to press Continue.
	"""
	if frappe.db.get_value(IMPORT, party_import, "status") == READING:
		raise PartyImportError(
			_(
				"The file is going to be read, and its rows come anew: what you correct now would be lost. Wait until it has "
				"been read; if it was interrupted, press Continue first."
			)
		)


def outdated(doc) -> str:
	"""What has to be done for the register to show the file as the import says it is: `recognise` a file that has just been
	attached, `read` one whose layout has been corrected, or nothing (an empty string).
	"""
	if not doc.file or doc.rows_created or doc.status in WORKING or layout_key(doc) == doc.checked_layout:
		return ""
	return "read" if doc.columns else "recognise"


def forget_layout(doc) -> None:
	"""Another file is written in another way: it is recognised anew."""
	doc.update(
		{"encoding": "", "delimiter": "", "worksheet": "", "header_row": -1, "heading_rows": 0, "columns": []}
	)


def has_names(doc) -> bool:
	"""Whether the import knows which column holds the names of the clients."""
	return any(MEANING_OF.get(column.meaning) == "name" for column in doc.columns)


def _save(doc) -> None:
	"""Whoever asked for it loads the form anew; told of the change as well, the Desk would do so once more, while he works."""
	doc.flags.notify_update = False
	doc.flags.recognised = True
	doc.save()
	doc.flags.recognised = False


def _keep_layout(doc, table: Table) -> None:
	layout = table.layout
	doc.encoding = layout.encoding if layout.encoding in ENCODINGS_SHOWN else ""
	doc.delimiter = next((name for name, char in DELIMITERS.items() if char == layout.delimiter), "")
	doc.header_row, doc.heading_rows = layout.header_row, layout.header_rows
	doc.set("columns", [])
	for column in layout.columns:
		doc.append(
			"columns",
			{
				"heading": column.heading[:255],
				"sample": column.sample,
				"meaning": MEANING.get(column.field, ""),
			},
		)


ENCODINGS_SHOWN = ("utf-8", "utf-16", "cp1251", "cp866", "koi8-r", MIXED)


def _template(doc):
	"""The template chosen, else none: a file without one is recognised."""
	return frappe.get_doc("Party Import Template", doc.template) if doc.template else None


def _open(doc, layout: Layout) -> Table:
	return open_path(path_of(doc), layout)


def path_of(doc) -> Path:
	"""Where the import's file lies on disk.

	:raises PartyImportError: there is none.
	"""
	name = doc.file and frappe.db.get_value("File", {"file_url": doc.file}, "name", order_by="creation desc")
	if not name:
		raise PartyImportError(_("Upload a file first: CSV or XLSX with a row for every client."))
	return Path(frappe.get_doc("File", name).get_full_path())


def check_file(doc) -> None:
	"""A file may be named that somebody else has uploaded, but not one that the user may not read.

	:raises frappe.PermissionError: it is such a one.
	"""
	files = frappe.get_all(
		"File", {"file_url": doc.file}, pluck="name", order_by=None
	)  # each is checked below
	if files and not any(frappe.get_doc("File", name).has_permission("read") for name in files):
		raise frappe.PermissionError(_("You may not read this file. Upload a file of your own."))


def _refuse_if_begun(doc) -> None:
	if doc.rows_created:
		raise _begun()
	_refuse_if_busy(doc)


def _begun() -> PartyImportError:
	return PartyImportError(
		_("Clients have been created from this file already. Make a new import for another file.")
	)


# -- checking again -----------------------------------------------------------------------------------------------------


def recheck(doc) -> bool:
	"""Check the rows that are not created again, corrections kept; many of them on the queue.

	:return: whether it is on the queue.
	:raises PartyImportError: a worker is at it, or will be.
	"""
	_refuse_if_busy(doc)
	if doc.rows_total - doc.rows_created > AT_ONCE_ROWS:
		return _enqueue(doc, CHECKING, _recheck_job)
	check_again(doc)
	return False


def check_again(doc, commit=None) -> None:
	"""Check the rows that are not created again, here and now.

	:param commit: called after every chunk; only a job of its own may give it.
	"""
	with locks.held(doc.name):
		_set(doc, status=CHECKING, heartbeat=now_datetime(), problem="")
		report = _Progress(doc, _("Rows checked"), size=doc.rows_total - doc.rows_created)

		def tell(done: int) -> None:
			_keep_checked(doc, done)
			report.show(done)

		_keep_checked(doc, 0)
		register.recheck(doc, commit=commit, progress=tell)
		counts = register.count(doc)
		_set(
			doc,
			status=PAUSED if counts["rows_queued"] else _rested(counts),
			heartbeat=now_datetime(),
		)


def _keep_checked(doc, done: int) -> None:
	"""A row that is checked again may look as before: only the worker knows how far it is."""
	cache().set_value(_checked_key(doc), done, expires_in_sec=TIMEOUT)


def _checked_key(doc) -> str:
	return f"rule24_import_checked:{doc.name}"


def _recheck_job(party_import: str, user: str) -> None:
	doc = frappe.get_doc(IMPORT, party_import)
	with _telling(doc, user):
		check_again(
			doc, commit=frappe.db.commit
		)  # the job's own transaction: rows that are checked stay checked


# -- creating -----------------------------------------------------------------------------------------------------------


def create(doc, names: list[str] | None = None) -> bool:
	"""Make clients of rows that are ready, with or without warnings; many of them on the queue.

	:param names: rows of the register; all that are ready when left out.
	:return: whether it is on the queue.
	:raises PartyImportError: there is nothing to create, or a worker is at it, or will be.
	"""
	_refuse_if_busy(doc)
	queue(doc, names)
	return start(doc)


def queue(doc, names: list[str] | None = None) -> None:
	"""Note which rows are to be created.

	:param names: rows of the register; all that are ready when left out.
	"""
	row = frappe.qb.DocType(register.ROW)
	wanted = (row.party_import == doc.name) & row.state.isin(register.CREATABLE)
	if names is not None:
		wanted &= row.name.isin(names or [""])
	frappe.qb.update(row).set(row.queued, 1).where(wanted).run()
	register.count(doc)


def start(doc) -> bool:
	"""Begin or go on with the rows that are to be created.

	:return: whether it is on the queue.
	:raises PartyImportError: there are none.
	"""
	register.count(doc)
	count = register.waiting(doc)
	if not count:
		raise PartyImportError(
			_("There is nothing to create: choose rows that are ready, or correct those with errors first.")
		)
	_set(doc, pause_requested=0, problem="")
	if count > AT_ONCE_ROWS:
		return _enqueue(doc, CREATING, _create_job)
	run(doc)
	return False


def run(doc, commit=None) -> None:
	"""Create the clients of all rows that are to be created, chunk by chunk.

	:param commit: called after every chunk; only a job of its own may give it.
	"""
	with locks.held(doc.name):
		writer = Writer(doc)
		_set(
			doc, status=CREATING, heartbeat=now_datetime(), slow_reason="\n".join(writer.slow_reasons)[:1000]
		)
		report = _Progress(doc, _("Clients created"), size=doc.rows_queued)
		done, last = 0, ""
		while rows := _next(doc, last):
			if frappe.db.get_value(IMPORT, doc.name, "pause_requested"):
				_set(doc, status=PAUSED)
				break
			writer.write(rows)
			done, last = done + len(rows), rows[-1].name
			_set(doc, heartbeat=now_datetime())
			if commit:
				commit()
			report.show(done)
		counts = register.count(doc, as_it_is=not commit)
		if doc.status != PAUSED:
			_set(doc, status=_rested(counts), heartbeat=now_datetime())


def _rested(counts: dict[str, int]) -> str:
	"""The state of an import that nobody works on: done when there is nothing left that could be created."""
	left = counts["rows_ready"] + counts["rows_warning"]
	return DONE if counts["rows_created"] and not left else CHECKED


def _next(doc, after: str) -> list:
	"""The next rows to create; those before are not gone through again, of which there are more with every chunk.

	Locked, and as they are by now: whom somebody has created a moment ago is not made twice.
	"""
	row = frappe.qb.DocType(register.ROW)
	query = frappe.qb.from_(row).select(row.star).where(register.is_waiting(row, doc) & (row.name > after))
	return query.orderby(row.name).limit(CHUNK).for_update().run(as_dict=True)


def _create_job(party_import: str, user: str) -> None:
	doc = frappe.get_doc(IMPORT, party_import)
	with _telling(doc, user):
		run(doc, commit=frappe.db.commit)  # the job's own transaction: clients that are made stay made


def resume(doc) -> bool:
	"""Go on with what was paused, or what ended before its time.

	:return: whether it is on the queue.
	:raises PartyImportError: a worker is at it, or will be, or there is nothing left to do.
	"""
	locks.refuse_if_held(doc.name)
	if doc.status == PAUSED and _job_status(doc, CREATING) == JobStatus.QUEUED:
		# paused before a worker came to it: it stands in the queue still
		_set(doc, status=CREATING, pause_requested=0, heartbeat=now_datetime())
		return True
	_refuse_if_busy(doc)
	if doc.status == CHECKING:
		return recheck(doc)
	if doc.rows_queued or frappe.db.exists(register.ROW, {"party_import": doc.name, "queued": 1}):
		return start(doc)
	return read(doc)


def pause(doc) -> None:
	"""Let the worker stop after the chunk it is at."""
	_set(doc, pause_requested=1)
	if doc.status == CREATING and not locks.is_held(doc.name):
		_set(doc, status=PAUSED)


# -- both ---------------------------------------------------------------------------------------------------------------


def state(doc) -> dict:
	"""What a form shows of an import: its counts, and whether somebody works on it.

	`queued`: its job waits in the queue until a worker is free. `interrupted`: it says that it is being worked on, and
	nobody is. `progress`: how far the worker is, as it tells itself: by what it has read or created, when rows are checked
	again by the number it keeps; none when nobody works.
	"""
	fields = [
		"status", "rows_total", "rows_ready", "rows_warning", "rows_error", "rows_duplicate", "rows_created",
		"rows_queued", "slow_reason", "problem", "heartbeat", "pause_requested",
	]  # fmt: skip
	row = frappe.db.get_value(IMPORT, doc.name, fields, as_dict=True)
	working = locks.is_held(doc.name)
	row["working"] = working
	row["queued"] = row.status in WORKING and not working and _is_queued(doc)
	row["interrupted"] = (
		row.status in WORKING and not working and not row["queued"] and not _is_fresh(row.heartbeat)
	)
	row["progress"] = _how_far(doc, row) if working else None
	return row


def _how_far(doc, row) -> dict | None:
	"""Title, number of rows done and of all; 0 of all: nobody knows yet how many there are."""
	if row.status == CREATING:
		left = register.left_to_create(doc)
		return {
			"title": _("Clients created"),
			"done": max(row.rows_queued - left, 0),
			"total": row.rows_queued,
		}
	if row.status == READING:
		return {"title": _("Rows checked"), "done": register.size(doc), "total": 0}
	if row.status == CHECKING:
		return {
			"title": _("Rows checked"),
			"done": cache().get_value(_checked_key(doc), expires=True) or 0,
			"total": row.rows_total - row.rows_created,
		}
	return None


def _is_queued(doc) -> bool:
	"""Whether a job of it waits for a worker: a busy server may take long to come to it."""
	return any(_job_status(doc, step) == JobStatus.QUEUED for step in WORKING)


def _refuse_if_busy(doc) -> None:
	"""One step at a time: what is asked for meanwhile would find other rows than those that were looked at.

	A worker whose work is done needs a moment to end its job, and somebody may press the next button within it: that is
	waited for. Two who press at once: the import stays locked for the one who was faster, and the other sees that it has
	begun before there is a job of it.

	:raises PartyImportError: a worker has the import, or a job of it waits for one, or has just begun.
	"""
	moments = round(ENDING_SECONDS / PAUSE_SECONDS)
	while True:
		locks.refuse_if_held(doc.name)
		statuses = {_job_status(doc, step) for step in WORKING}
		# a worker that was killed leaves a job that has started, and is not waited for longer than it may be silent
		if JobStatus.STARTED not in statuses or not _is_fresh(
			frappe.db.get_value(IMPORT, doc.name, "heartbeat")
		):
			break
		if moments <= 0:
			raise locks.busy()
		time.sleep(PAUSE_SECONDS)
		moments -= 1
	if JobStatus.QUEUED in statuses:
		raise PartyImportError(
			_(
				"A step of this import waits for its turn already: the server is busy. Go on when it is done. If that lasts, "
				"ask your administrator to look at the background jobs."
			)
		)
	now = frappe.db.get_value(IMPORT, doc.name, ["status", "heartbeat"], for_update=True)
	if now[0] in WORKING and tuple(now) != (doc.status, doc.heartbeat):
		raise locks.busy()


def _is_fresh(heartbeat) -> bool:
	"""Whether its worker was there a moment ago: it may be just about to begin, or to tell that it has finished."""
	return bool(heartbeat) and (now_datetime() - heartbeat).total_seconds() < 60


def _job_status(doc, step: str) -> JobStatus | None:
	return get_job_status(_job_id(doc, step))


def _job_id(doc, step: str) -> str:
	"""Each step has its own: RQ keeps one job for an id, and a second one would overwrite what the first is to do."""
	return f"rule24_crm:import:{doc.name}:{step}"


def _enqueue(doc, status: str, job) -> bool:
	_set(doc, status=status, heartbeat=now_datetime(), problem="")
	frappe.enqueue(
		job,
		queue=QUEUE,
		timeout=TIMEOUT,
		job_id=_job_id(doc, status),
		enqueue_after_commit=True,
		party_import=doc.name,
		user=frappe.session.user,
	)
	return True


@contextmanager
def _telling(doc, user: str):
	"""Run in a job, in the language of whoever started it, who hears how it went."""
	frappe.set_user_lang(user)
	try:
		yield
	except Exception as error:
		frappe.db.rollback()
		if not isinstance(error, Rule24Error):
			frappe.log_error(
				title=f"Party Import {doc.name}", reference_doctype=IMPORT, reference_name=doc.name
			)
		register.count(doc)
		if not locks.is_held(doc.name):  # else whoever is at it will tell
			_fail(doc, error)
	frappe.db.commit()  # the job's own transaction
	frappe.publish_realtime("rule24_import_done", {"party_import": doc.name}, user=user)


def _fail(doc, error: Exception) -> None:
	problem = frappe.utils.strip_html_tags(str(error))[:1000] or type(error).__name__
	_set(doc, status=FAILED, problem=problem)


class _Progress:
	def __init__(self, doc, title: str, size: int):
		self.doc, self.title, self.size = doc, title, size

	def show(self, done: int) -> None:
		frappe.publish_realtime(
			"rule24_import_progress",
			{"party_import": self.doc.name, "title": self.title, "done": done, "total": self.size},
			user=frappe.session.user,
		)


def _set(doc, **values) -> None:
	frappe.db.set_value(doc.doctype, doc.name, values, update_modified=False)
	doc.update(values)
