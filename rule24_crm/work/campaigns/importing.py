"""Members of a campaign from a file: clients made or recognised, and put on the campaign's list.

One row is one unit: it is written whole or not at all. Whatever happens to a row is in the report, in words.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import strip_html_tags

from rule24_crm.compat import campaign_values
from rule24_crm.exceptions import CampaignError, PartyImportError
from rule24_crm.parties.company import default_company
from rule24_crm.parties.identity.phones import default_region
from rule24_crm.parties.importing import locks
from rule24_crm.parties.importing.checking import COMPANY, PERSON, SOLE, Client, Warned, as_cell, check
from rule24_crm.parties.importing.creating import create, free_names, give_name
from rule24_crm.parties.importing.lookups import Lookups
from rule24_crm.parties.importing.matching import Known, Registry
from rule24_crm.parties.importing.reading import Sheet, read
from rule24_crm.parties.importing.records import Choices, plan
from rule24_crm.work.campaigns import members, works

CREATED, FOUND, MEMBER, REJECTED = "Created", "Already a Client", "Already a Member", "Rejected"
COMMIT_EVERY = 100  # rows: a long transaction slows down, and holds its locks
#: one lock for all campaigns: two lists may name the same company, and neither import would see what the other makes
LOCK = "campaign-import"
WAIT = 2 * 60 * 60  # seconds a job waits for another import


@dataclass
class Row:
	"""What became of one row of the file."""

	line: int
	state: str
	reasons: list[str]
	party_type: str = ""
	party: str = ""
	cells: tuple[str, ...] = ()


@dataclass
class ImportResult:
	"""Rows with their fate; `counts` adds up to the rows of the file."""

	headings: tuple[str, ...]
	rows: list[Row] = field(default_factory=list)

	@property
	def counts(self) -> dict[str, int]:
		states = Counter(row.state for row in self.rows)
		return {
			"total": len(self.rows),
			"created": states[CREATED],
			"found": states[FOUND],
			"already": states[MEMBER],
			"rejected": states[REJECTED],
			"warned": sum(1 for row in self.rows if row.state != REJECTED and row.reasons),
		}

	def as_csv(self) -> bytes:
		"""The report: the rows as they came, each with its state and the reasons; opens in any spreadsheet as text."""
		out = io.StringIO(newline="")
		writer = csv.writer(out, delimiter=";")
		headings = (as_cell(heading) for heading in self.headings)
		writer.writerow([_("Row"), _("Outcome"), _("Reason"), _("Client"), *headings])
		for row in self.rows:
			writer.writerow(
				[
					row.line,
					_(row.state),
					as_cell("; ".join(row.reasons)),
					as_cell(row.party),
					*(as_cell(cell) for cell in row.cells),
				]
			)
		return out.getvalue().encode("utf-8-sig")


def import_file(
	campaign: str,
	content: bytes,
	*,
	commit: Callable[[], None] | None = None,
	progress: Callable[[int, int], None] | None = None,
) -> ImportResult:
	"""Make members of the rows of a CSV file.

	Legal entities and sole proprietors become Prospects, individuals Leads, each with contact and address. Who is known
	already is put on the list as he is. Running it again makes nothing twice.

	:param campaign: a Work Campaign the user may write to.
	:param content: bytes of the file.
	:param commit: called after every `COMMIT_EVERY` rows; only a job of its own may give it.
	:param progress: called with the rows done and the rows there are.
	:raises CampaignError: the file cannot be understood at all, the campaign is finished, or another import is running.
	"""
	with ExitStack() as stack:
		try:
			if commit:
				stack.enter_context(locks.held(LOCK, wait=WAIT))
			else:
				locks.hold_to_the_end(LOCK)
		except PartyImportError as error:
			raise CampaignError(
				_(
					"Another list of members is being imported just now. Wait until it is done, and start again."
				)
			) from error
		if commit:
			commit()  # from here on it sees what the import before it has made
		else:
			_refuse_outdated(campaign)
		return _import(campaign, content, commit, progress)


def _refuse_outdated(campaign: str) -> None:
	"""Whoever began while another import was about to end still sees the base without what that one has made."""
	member = frappe.qb.DocType(members.MEMBER)
	query = frappe.qb.from_(member).select(Count("*")).where(member.campaign == campaign)
	if query.run() != query.for_update().run():
		raise CampaignError(_("Somebody else has just changed the list. Start the import again."))


def _import(campaign: str, content: bytes, commit, progress) -> ImportResult:
	doc = frappe.get_doc("Work Campaign", campaign)
	doc.check_open()
	sheet = read(content)
	if not sheet.records:
		raise CampaignError(_("There are headings in the file, and no rows under them."))
	region = default_region()
	clients = [check(record, sheet, region) for record in sheet.records]
	writer = _Writer(doc, sheet, Registry(clients))
	result = ImportResult(sheet.headings)
	for index, (record, client) in enumerate(zip(sheet.records, clients, strict=True), start=1):
		row = writer.write(client)
		row.cells = record.cells
		result.rows.append(row)
		if commit and index % COMMIT_EVERY == 0:
			commit()
		if progress:
			progress(index, len(clients))
	return result


def check_file(campaign: str, content: bytes):
	"""Find out before a job is started whether the file can be understood at all.

	:raises CampaignError: it cannot.
	"""
	frappe.get_doc("Work Campaign", campaign).check_open()
	if not read(content).records:
		raise CampaignError(_("There are headings in the file, and no rows under them."))


class _Writer:
	def __init__(self, campaign, sheet: Sheet, registry: Registry):
		self.campaign = campaign
		self.sheet = sheet
		self.registry = registry
		self.turns = works.Turns(campaign)
		self.lookups = Lookups(named_managers=False)
		self.choices = Choices(
			{COMPANY: "Prospect", SOLE: "Prospect", PERSON: "Lead"},
			company=campaign.company or default_company(),
			extra={"Lead": campaign_values("Lead", campaign.erpnext_campaign)},
		)

	def write(self, client: Client) -> Row:
		if client.error:
			return Row(client.line, REJECTED, [client.error])
		known = self.registry.find(client)
		if known and known.line is not None:
			return Row(client.line, REJECTED, [known.told()])
		self.registry.warn_of_likeness(client, self.sheet.columns)

		messages = len(frappe.local.message_log)
		frappe.db.savepoint("rule24_import_row")
		try:
			row = self._take(client, known)
		except Exception as error:
			frappe.db.rollback(save_point="rule24_import_row")
			del frappe.local.message_log[messages:]
			self.lookups = Lookups(named_managers=False)
			if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
				frappe.log_error(title=f"Work Campaign import, row {client.line}")
			return Row(client.line, REJECTED, [strip_html_tags(str(error)) or type(error).__name__])
		frappe.db.release_savepoint("rule24_import_row")
		del frappe.local.message_log[messages:]
		return row

	def _take(self, client: Client, known: Known | None) -> Row:
		if known:
			party_type, party = known.party_type, known.party
			client.warnings.clear()  # nothing of the row was written, so nothing was left out
		else:
			party_type, party = self._create(client)
		added = members.add(self.campaign.name, party_type, [party])
		self.registry.add_client(client, party_type, party)
		state = CREATED if not known else FOUND if added else MEMBER
		return Row(client.line, state, [str(warning) for warning in client.warnings], party_type, party)

	def _create(self, client: Client) -> tuple[str, str]:
		self.choices.owner = self.turns.next()
		made = plan(client, self.choices, self.lookups)
		give_name(made, free_names([made]))
		if made.party_name and made.party_name != client.name:
			text = _("another client has this name; kept as «{0}»").format(made.party_name)
			client.warnings.append(Warned(self.sheet.columns["name"], text))
		# The campaign's right to write was checked, and an import does no more than the head may do by hand.
		return made.party_type, create(made, self.lookups)
