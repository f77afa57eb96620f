"""Letters of a campaign: its Email Template, rendered for every member, sent once to an address.

Every letter goes through Frappe's Email Queue with a link that ends this campaign's letters and no other's, and is a
Communication of the client, so it stands in his timeline and his answer finds its way back.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import format_date, format_datetime, get_fullname, now, validate_email_address

from rule24_crm.communication.letters import note_sent
from rule24_crm.exceptions import CampaignError
from rule24_crm.parties.next_work import OPEN
from rule24_crm.work.campaigns import members

SENT, NO_EMAIL, SAME_ADDRESS, UNSUBSCRIBED, FAILED = (
	"Sent",
	"No E-mail",
	"Same Address",
	"Unsubscribed",
	"Failed",
)
#: letters in one transaction. The campaign is locked for so long, and so many are made again if the machine dies.
CHUNK = 50
_FIELDS = (
	"name", "party_type", "party", "party_name", "contact", "email", "phone", "contact_by_hand", "assigned_to", "work",
)  # fmt: skip


def send(
	campaign: str,
	*,
	commit: Callable[[], None] | None = None,
	progress: Callable[[int, int], None] | None = None,
) -> dict:
	"""Send the campaign's letter to every member who has not had it.

	Safe to run again, and to run twice at once: the campaign is locked while a chunk is made, and who has had the letter
	is looked up under the lock. A run that was cut off goes on where it stopped.

	:param commit: called after every chunk; only a job of its own may give it.
	:param progress: called with members done and members there are.
	:return: `{"sent", "already", "no_email", "same_address", "unsubscribed", "failed"}` and `reasons`: at most a hundred
		`{"member", "party_name", "reason"}` of those who got none.
	:raises CampaignError: there is no letter, no list, no outgoing mail, or the template cannot be rendered.
	"""
	doc = frappe.get_doc("Work Campaign", campaign)
	letter = _Letter(doc)
	total = frappe.db.count(members.MEMBER, {"campaign": campaign})
	if not total:
		raise CampaignError(_("There is nobody on the list yet. Add members first."))
	already = frappe.db.count(members.MEMBER, {"campaign": campaign, "letter_state": SENT})
	states: Counter = Counter()
	reasons: list[dict] = []
	last, done = "", already
	while True:
		frappe.db.get_value("Work Campaign", campaign, "name", for_update=True)
		rows = _waiting(campaign, last)
		if not rows:
			break
		last = rows[-1].name
		for row, state in _send_chunk(letter, rows):
			states[state] += 1
			if state != SENT and len(reasons) < 100:
				reasons.append({"member": row.name, "party_name": row.party_name, "reason": _(state)})
		if commit:
			commit()
		done += len(rows)
		if progress:
			progress(done, total)
	if states[SENT] and doc.status == "Draft":
		frappe.db.set_value("Work Campaign", campaign, "status", "Running")
	return {
		"sent": states[SENT],
		"already": already,
		"no_email": states[NO_EMAIL],
		"same_address": states[SAME_ADDRESS],
		"unsubscribed": states[UNSUBSCRIBED],
		"failed": states[FAILED],
		"reasons": reasons,
	}


def _waiting(campaign: str, after: str) -> list:
	"""The next members, by name, who have not had the letter, with the addresses that their clients have today.

	Locked, because only a locking read shows what another run has committed since this transaction's first look.
	"""
	member = frappe.qb.DocType(members.MEMBER)
	rows = (
		frappe.qb.from_(member)
		.select(*(member[name] for name in _FIELDS))
		.where(
			(member.campaign == campaign)
			& (member.name > after)
			& (member.letter_state.isnull() | (member.letter_state != SENT))
		)
		.orderby(member.name)
		.limit(CHUNK)
		.for_update()
		.run(as_dict=True)
	)
	members.look_up_again(rows)
	return rows


def check(campaign: str):
	"""Find out before a job is started whether letters can be sent at all.

	:raises CampaignError: they cannot.
	"""
	_Letter(frappe.get_doc("Work Campaign", campaign))


def preview(campaign: str, member: str | None = None) -> dict[str, str]:
	"""The letter as one member will get it: `{"to", "subject", "message"}`. The first one with an address if none is given."""
	doc = frappe.get_doc("Work Campaign", campaign)
	letter = _Letter(doc)
	filters = {"campaign": campaign, "email": ("is", "set")}
	if member:
		filters = {"campaign": campaign, "name": member}
	rows = frappe.get_all(
		members.MEMBER,
		filters,
		list(_FIELDS),
		order_by="party_name asc, name asc",
		limit=1,
	)
	if not rows:
		raise CampaignError(_("No member of the campaign has an e-mail address."))
	members.look_up_again(rows, write=False)
	subject, message = letter.render(rows[0])
	return {"to": rows[0].email or "", "subject": subject, "message": message}


def _send_chunk(letter: _Letter, rows: list) -> list[tuple]:
	addresses = {_address(row.email) for row in rows} - {""}
	stopped = _unsubscribed(letter.campaign.name, addresses)
	had = _had_letter(letter.campaign.name, addresses)
	outcome = []
	for row in rows:
		address = _address(row.email)
		if not address:
			state = NO_EMAIL
		elif address in stopped:
			state = UNSUBSCRIBED
		elif address in had:
			state = SAME_ADDRESS
		else:
			state = _send_one(letter, row, address)
			if state == SENT:
				had.add(address)
		frappe.db.set_value(
			members.MEMBER,
			row.name,
			{"letter_state": state, **({"letter_sent_on": now()} if state == SENT else {})},
			update_modified=False,
		)
		outcome.append((row, state))
	return outcome


def _send_one(letter: _Letter, row, address: str) -> str:
	frappe.db.savepoint("rule24_letter")
	try:
		letter.send(row, address)
	except Exception:
		frappe.db.rollback(save_point="rule24_letter")
		frappe.log_error(
			title=f"Work Campaign letter: {row.party_name}"[:140],
			reference_doctype=members.MEMBER,
			reference_name=row.name,
		)
		return FAILED
	frappe.db.release_savepoint("rule24_letter")
	return SENT


class _Letter:
	"""The template of a campaign and what is the same in every letter."""

	def __init__(self, campaign):
		campaign.check_open()
		if not campaign.email_template:
			raise CampaignError(_("Choose the Letter of the campaign: an Email Template."))
		self.campaign = campaign
		self.template = frappe.get_cached_doc("Email Template", campaign.email_template)
		self.body = self.template.response_html if self.template.use_html else self.template.response
		if not (self.body or "").strip():
			raise CampaignError(_("The Email Template {0} is empty.").format(campaign.email_template))
		self.sender = self._sender()
		self.managers: dict[str, dict] = {}
		self._try()

	def _sender(self) -> str:
		account = frappe.db.get_value(
			"Email Account", {"enable_outgoing": 1, "default_outgoing": 1}, ["email_id", "name"], as_dict=True
		)
		if not account:
			raise CampaignError(_("No mail can be sent: set up a default outgoing Email Account first."))
		return account.email_id

	def _try(self):
		"""A template with a mistake in it is found before the first letter, not in every one of them."""
		try:
			self._rendered({"party_name": "", "contact": {}, "party": {}, "member": {}, "manager": {}})
		except Exception as error:
			frappe.clear_last_message() if frappe.local.message_log else None
			raise CampaignError(
				_("The Email Template {0} cannot be filled in: {1}").format(self.template.name, error)
			) from error

	def render(self, row) -> tuple[str, str]:
		"""(subject, message) for one member."""
		party = frappe.get_doc(row.party_type, row.party)
		contact = (
			frappe.get_doc("Contact", row.contact)
			if row.contact and frappe.db.exists("Contact", row.contact)
			else None
		)
		person = contact.as_dict() if contact else {}
		first_name = (
			person.get("first_name") or (party.get("first_name") if row.party_type == "Lead" else "") or ""
		)
		return self._rendered(
			{
				"party": party.as_dict(),
				"party_name": row.party_name,
				"contact": person,
				"first_name": first_name,
				"greeting_name": " ".join(filter(None, [person.get("first_name"), person.get("middle_name")]))
				or row.party_name,
				"member": row,
				"manager": self._manager(row.assigned_to),
			}
		)

	def _rendered(self, context: dict) -> tuple[str, str]:
		campaign = self.campaign
		context = {
			"campaign": campaign.as_dict(),
			"goal": campaign.goal or "",
			"event_at": format_datetime(campaign.event_at, "d MMMM yyyy, HH:mm") if campaign.event_at else "",
			"event_on": format_date(campaign.event_at, "d MMMM yyyy") if campaign.event_at else "",
			"company": campaign.company or "",
			"first_name": "",
			"greeting_name": "",
			**context,
		}
		# A name is text: in a letter it must not become a tag. The subject is no HTML and takes it as it is.
		subject = frappe.render_template(self.template.subject, context)
		message = frappe.render_template(self.body, _escaped(context))
		return " ".join(subject.split()), message

	def _manager(self, user: str | None) -> dict:
		if not user:
			return {}
		if user not in self.managers:
			found = frappe.db.get_value("User", user, ["email", "phone", "mobile_no"], as_dict=True) or {}
			self.managers[user] = {**found, "name": get_fullname(user)}
		return self.managers[user]

	def send(self, row, address: str):
		"""Put one letter into the queue, and into the client's timeline."""
		subject, message = self.render(row)
		communication = note_sent(  # the right to write to the campaign was checked
			subject=subject,
			content=message,
			sender=self.sender,
			recipient=address,
			about=(row.party_type, row.party),
			email_template=self.template.name,
			timeline_links=self._links(row),
		)
		frappe.sendmail(
			recipients=[address],
			sender=self.sender,
			subject=subject,
			message=message,
			reference_doctype="Work Campaign",
			reference_name=self.campaign.name,
			unsubscribe_message=_("Unsubscribe from the letters of this campaign"),
			communication=communication.name,
			message_id=communication.message_id,
			delayed=True,
		)

	def _links(self, row) -> list[dict]:
		links = [{"link_doctype": "Work Campaign", "link_name": self.campaign.name}]
		if row.contact and frappe.db.exists("Contact", row.contact):
			links.append({"link_doctype": "Contact", "link_name": row.contact})
		# A manager who has the letter as his work sees it there; he closes it when the answer is known.
		if row.work and frappe.db.get_value("Work", row.work, "status") in OPEN:
			action = frappe.db.get_value("Work", row.work, "action")
			if frappe.get_cached_value("Work Action", action, "kind") == "Letter":
				links.append({"link_doctype": "Work", "link_name": row.work})
		return links


def _escaped(value):
	if isinstance(value, str):
		return html.escape(value)
	if isinstance(value, dict):
		return {key: _escaped(item) for key, item in value.items()}
	if isinstance(value, list | tuple):
		return [_escaped(item) for item in value]
	return value


def _address(email: str | None) -> str:
	return (validate_email_address(email or "") or "").strip().lower()


def _unsubscribed(campaign: str, addresses: set[str]) -> set[str]:
	"""Addresses that want no letter of this campaign, or none at all."""
	if not addresses:
		return set()
	table = frappe.qb.DocType("Email Unsubscribe")
	this_one = (table.reference_doctype == "Work Campaign") & (table.reference_name == campaign)
	rows = (
		frappe.qb.from_(table)
		.select(table.email)
		.where(table.email.isin(sorted(addresses)) & ((table.global_unsubscribe == 1) | this_one))
		.run(pluck=True)
	)
	# A Lead and a Contact have a box of their own for it.
	for doctype in ("Lead", "Contact"):
		fieldname = "email_id"
		rows += frappe.get_all(
			doctype, {fieldname: ("in", sorted(addresses)), "unsubscribed": 1}, pluck=fieldname, order_by=None
		)
	return {email.lower() for email in rows if email}


def _had_letter(campaign: str, addresses: set[str]) -> set[str]:
	"""Addresses that have had this campaign's letter, as this member or another."""
	if not addresses:
		return set()
	member = frappe.qb.DocType(members.MEMBER)
	rows = (
		frappe.qb.from_(member)
		.select(member.email)
		.where(
			(member.campaign == campaign)
			& (member.letter_state == SENT)
			& member.email.isin(sorted(addresses))
		)
		.for_update()  # as it is now, not as it was at the first look
		.run(pluck=True)
	)
	return {email.strip().lower() for email in rows}
