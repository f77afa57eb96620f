"""Members of a campaign from a file: clients made or recognised, and put on the campaign's list.

One row is one unit: it is written whole or not at all. Whatever happens to a row is in the report, in words.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import strip_html_tags

from rule24_crm.compat import campaign_values
from rule24_crm.exceptions import CampaignError
from rule24_crm.parties.company import default_company
from rule24_crm.parties.identity.names import person_name
from rule24_crm.parties.importing.checking import PERSON, Client, Warned, as_text, check
from rule24_crm.parties.importing.matching import Known, Registry
from rule24_crm.parties.importing.reading import Sheet, read
from rule24_crm.work.campaigns import members, works

CREATED, FOUND, MEMBER, REJECTED = "Created", "Already a Client", "Already a Member", "Rejected"
COMMIT_EVERY = 100  # rows: a long transaction slows down, and holds its locks


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
		writer.writerow([_("Row"), _("Outcome"), _("Reason"), _("Client"), *self.headings])
		for row in self.rows:
			writer.writerow(
				[
					row.line,
					_(row.state),
					"; ".join(row.reasons),
					row.party,
					*(_report_cell(cell) for cell in row.cells),
				]
			)
		return out.getvalue().encode("utf-8-sig")


def _report_cell(cell: str) -> str:
	# A phone number that starts with a plus is no formula, and is wanted back as it was.
	return cell if cell[:1] in "+-" and not any(char.isalpha() for char in cell) else as_text(cell)


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
	:raises CampaignError: the file cannot be understood at all, or the campaign is finished.
	"""
	doc = frappe.get_doc("Work Campaign", campaign)
	doc.check_open()
	sheet = read(content)
	if not sheet.records:
		raise CampaignError(_("There are headings in the file, and no rows under them."))
	clients = [check(record, sheet) for record in sheet.records]
	writer = _Writer(doc, sheet, Registry(clients))
	result = ImportResult(sheet.headings)
	# An import asks nobody's picture from the network and wakes no assignment rule for each row.
	before, frappe.flags.in_import = frappe.flags.in_import, True
	try:
		for index, (record, client) in enumerate(zip(sheet.records, clients, strict=True), start=1):
			row = writer.write(client)
			row.cells = record.cells
			result.rows.append(row)
			if commit and index % COMMIT_EVERY == 0:
				commit()
			if progress:
				progress(index, len(clients))
	finally:
		frappe.flags.in_import = before
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
		self.industries = _industries()
		self.company = campaign.company or default_company()
		self.turns = works.Turns(campaign)

	def write(self, client: Client) -> Row:
		if client.error:
			return Row(client.line, REJECTED, [client.error])
		known = self.registry.find(client)
		if known and known.line is not None:
			return Row(client.line, REJECTED, [_("It repeats row {0}.").format(known.line)])
		self._warn_of_sharing(client)

		messages = len(frappe.local.message_log)
		frappe.db.savepoint("rule24_import_row")
		try:
			row = self._take(client, known)
		except Exception as error:
			frappe.db.rollback(save_point="rule24_import_row")
			del frappe.local.message_log[messages:]
			self.industries = _industries()
			if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
				frappe.log_error(title=f"Work Campaign import, row {client.line}")
			return Row(client.line, REJECTED, [strip_html_tags(str(error)) or type(error).__name__])
		frappe.db.release_savepoint("rule24_import_row")
		del frappe.local.message_log[messages:]
		return row

	def _warn_of_sharing(self, client: Client):
		for fieldname, value, other in self.registry.sharing(client):
			whose = _("row {0}").format(other.line) if other.line else f"{_(other.party_type)} {other.party}"
			if fieldname == "phone":
				text = _("phone {0} is also that of {1}").format(value, whose)
			else:
				text = _("e-mail {0} is also that of {1}").format(value, whose)
			client.warnings.append(Warned(self.sheet.columns.get(fieldname, ""), text))

	def _take(self, client: Client, known: Known | None) -> Row:
		if known:
			party_type, party = self.registry.latest(known)
			state = FOUND
			client.warnings.clear()  # nothing of the row was written, so nothing was left out
		else:
			party_type, party = self._create(client)
			state = CREATED
		added = members.add(self.campaign.name, party_type, [party])
		if known:
			known.line = client.line
			state = FOUND if added else MEMBER
		else:
			self.registry.add_client(client, party_type, party)
		return Row(client.line, state, [str(warning) for warning in client.warnings], party_type, party)

	def _create(self, client: Client) -> tuple[str, str]:
		doc = self._lead(client) if client.kind == PERSON else self._prospect(client)
		contact = self._contact(client, doc)
		if client.address or client.region:
			self._address(client, doc)
		for phone in client.phones:
			if phone.extension and contact:
				contact.add_comment("Comment", _("{0}, extension {1}").format(phone.number, phone.extension))
		return doc.doctype, doc.name

	def _common(self, client: Client) -> dict:
		return {
			"company": self.company,
			"website": client.website,
			"industry": self._industry(client.industry),
			"no_of_employees": client.employees,
			"rule24_tax_id": client.inn,
			"rule24_kpp": client.kpp,
			"rule24_ogrn": client.ogrn,
			"rule24_bank_account": client.account,
			"rule24_bic": client.bic,
			"rule24_timezone": client.timezone,
		}

	def _prospect(self, client: Client):
		doc = frappe.new_doc("Prospect")
		# A prospect is called by its company's name, so the second one of that name needs a mark.
		name = client.name
		if self.registry.named("Prospect", name):
			mark = f" ({client.given_inn or client.line})"
			name = name[: 140 - len(mark)] + mark
			client.warnings.append(
				Warned(
					self.sheet.columns["name"], _("another client has this name; kept as «{0}»").format(name)
				)
			)
		doc.update({**self._common(client), "company_name": name, "prospect_owner": self.turns.next()})
		# The campaign's right to write was checked, and an import does no more than the head may do by hand.
		return doc.insert(ignore_permissions=True)

	def _lead(self, client: Client):
		doc = frappe.new_doc("Lead")
		first, middle, last = person_name(client.name)
		doc.update(
			{
				**self._common(client),
				"first_name": first,
				"middle_name": middle,
				"last_name": last,
				"email_id": client.emails[0] if client.emails else None,
				"mobile_no": client.phones[0].number if client.phones else None,
				"phone_ext": client.phones[0].extension if client.phones else None,
				"job_title": client.job_title,
				**campaign_values("Lead", self.campaign.erpnext_campaign),
				"lead_owner": self.turns.next(),
			}
		)
		return doc.insert(ignore_permissions=True)

	def _contact(self, client: Client, party):
		if party.doctype == "Lead" and getattr(party, "contact_doc", None):
			return party.contact_doc  # ERPNext made it with the lead
		doc = frappe.new_doc("Contact")
		if party.doctype == "Lead":
			first, middle, last = party.first_name, party.middle_name, party.last_name
		else:
			first, middle, last = person_name(client.contact or client.name)
		doc.update(
			{
				"first_name": first,
				"middle_name": middle,
				"last_name": last,
				"designation": client.job_title,
				"company_name": party.company_name if party.doctype == "Prospect" else None,
				"is_primary_contact": 1,
			}
		)
		for index, email in enumerate(client.emails):
			doc.append("email_ids", {"email_id": email, "is_primary": int(index == 0)})
		for index, phone in enumerate(client.phones):
			doc.append("phone_nos", {"phone": phone.number, "is_primary_phone": int(index == 0)})
		doc.append("links", {"link_doctype": party.doctype, "link_name": party.name})
		return doc.insert(ignore_permissions=True)

	def _address(self, client: Client, party):
		doc = frappe.new_doc("Address")
		doc.update(
			{
				"address_title": party.get("company_name") or client.name,
				"address_type": "Billing",
				"address_line1": (client.address or client.region)[:240],
				"city": _city(client),
				"state": client.region,
				"country": frappe.db.get_default("country") or "Russian Federation",
				"phone": client.phones[0].number if client.phones else None,
				"email_id": client.emails[0] if client.emails else None,
			}
		)
		doc.append("links", {"link_doctype": party.doctype, "link_name": party.name})
		return doc.insert(ignore_permissions=True)

	def _industry(self, name: str) -> str | None:
		if not name:
			return None
		if name.casefold() not in self.industries:
			doc = frappe.get_doc({"doctype": "Industry Type", "industry": name})
			self.industries[name.casefold()] = doc.insert(ignore_permissions=True).name
		return self.industries[name.casefold()]


def _industries() -> dict[str, str]:
	return {name.casefold(): name for name in frappe.get_all("Industry Type", pluck="name", order_by=None)}


def _city(client: Client) -> str:
	"""The town of an address: after «г.», or the first part that is no street; the region when there is none."""
	parts = [part.strip() for part in client.address.split(",") if part.strip()]
	for part in parts:
		if part.casefold().startswith(("г.", "г ", "город ")):
			return part.split(".", 1)[-1].removeprefix("г ").removeprefix("город ").strip() or part
	return client.region or (parts[0] if parts else client.address)
