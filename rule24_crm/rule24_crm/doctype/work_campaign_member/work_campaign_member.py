import frappe
from frappe import _
from frappe.model.document import Document

from rule24_crm.exceptions import CampaignError
from rule24_crm.parties.kinds import check_kind, titles
from rule24_crm.work.campaigns import members


class WorkCampaignMember(Document):
	"""A client on the list of a campaign."""

	def validate(self):
		check_kind(self.party_type)
		shown = titles(self.party_type, [self.party])
		if self.party not in shown:
			raise CampaignError(_("{0} {1} does not exist.").format(_(self.party_type), self.party))
		self.party_name = (shown[self.party] or self.party)[:140]
		other = frappe.db.get_value(
			"Work Campaign Member",
			{
				"campaign": self.campaign,
				"party_type": self.party_type,
				"party": self.party,
				"name": ("!=", self.name or ""),
			},
		)
		if other:
			raise CampaignError(
				_("{0} is on the list of {1} already.").format(self.party_name, self.campaign)
			)
		given = ("contact", "email", "phone")
		if any(self.get(field) and self.has_value_changed(field) for field in given):
			self.contact_by_hand = 1  # letters go there, whatever the client's contacts say later
		elif not any(self.get(field) for field in given):
			self.contact_by_hand = 0
			self.contact, self.email, self.phone = members.contacts_of(self.party_type, [self.party])[
				self.party
			]

	def on_trash(self):
		if self.work and frappe.db.get_value("Work", self.work, "status") in ("Planned", "In Progress"):
			raise CampaignError(
				_("{0} has an open work in the campaign. Close or cancel it first.").format(self.party_name)
			)


def on_doctype_update():
	"""One place for a client in a campaign, whoever adds it and however many at once."""
	frappe.db.add_unique(
		"Work Campaign Member", ["campaign", "party_type", "party"], constraint_name="rule24_one_place"
	)
	frappe.db.add_index("Work Campaign Member", ["party_type", "party"], "rule24_party")
	frappe.db.add_index("Work Campaign Member", ["campaign", "letter_state"], "rule24_letters")
	frappe.db.add_index("Work Campaign Member", ["work"], "rule24_work")
