"""Errors of Rule24 CRM: one small tree, so callers can tell a broken rule from a broken program.

Every message is translated where it is raised and says what is wrong and what to do.
"""

import frappe


class Rule24Error(frappe.ValidationError):
	"""A rule of Rule24 CRM refuses the operation; nothing has been written.

	What it says is kept for the answer to the request, see `refusals`.
	"""

	def __init__(self, *words):
		super().__init__(*words)
		frappe.local.rule24_refusal = (type(self).__name__, str(self))


class WorkError(Rule24Error):
	"""A work breaks a rule."""


class WorkClosedError(WorkError):
	"""The work is closed already: somebody was faster, or it is changed after the fact."""


class ResultNotAllowedError(WorkError):
	"""The Result is missing or does not belong to the work's Action."""


class ResultMissingError(ResultNotAllowedError):
	"""A work is being closed without a Result. The Desk answers with the closing dialog."""


class NextWorkRequiredError(WorkError):
	"""The client is live and would be left without a next work."""


class WorkLoopError(WorkError):
	"""A work would be part of, or based on, itself."""


class WorkTimeError(WorkError):
	"""The work ends before it starts, or has an end without a start."""


class PartyNotFoundError(WorkError):
	"""The client of a work does not exist, or only half of the reference is given."""


class PartyError(Rule24Error):
	"""A client, or the register of those who work with clients, breaks a rule."""


class AccountManagerError(PartyError):
	"""The register of account managers contradicts itself."""


class HandoverError(PartyError):
	"""Clients cannot be handed over, or not taken back."""


class OwnerError(PartyError):
	"""A client, deal or work would be left without an active responsible manager."""


class DistributionError(PartyError):
	"""A distribution rule contradicts itself, or cannot be tried."""


class SegmentError(PartyError):
	"""Market segments cannot be assigned, removed or given back."""


class RelationError(PartyError):
	"""A relation between two parties contradicts itself, its kind or one that is there."""


class IdentityError(PartyError):
	"""A number or address of a client breaks its rule; the message says which."""


class DuplicateError(PartyError):
	"""This client is in the base already, and the settings refuse a second one."""


class MergeError(PartyError):
	"""Two clients cannot become one."""


class MergeNotPermittedError(MergeError, frappe.PermissionError):
	"""The user lacks a right that the merge needs; the message names it."""

	http_status_code = 403


class RegistryError(PartyError):
	"""The register of companies gives no answer; the message says why and what to do."""


class ImportFileError(PartyError):
	"""A file of clients cannot be read, or would take more than is sane."""


class PartyImportError(PartyError):
	"""An import of clients is refused as it stands."""


class PlanError(Rule24Error):
	"""A work plan cannot be made or committed."""


class CampaignError(Rule24Error):
	"""A campaign's operation is refused."""


class DealError(Rule24Error):
	"""A deal breaks a rule."""


class ConversionError(DealError):
	"""A lead or client cannot become a deal."""


class SalesProcessError(DealError):
	"""A sales process contradicts itself."""


class ConversionNotPermittedError(ConversionError, frappe.PermissionError):
	"""The user lacks a right that the conversion needs; the message names it."""

	http_status_code = 403


class StageGateError(DealError):
	"""A stage cannot be entered yet; the message lists what is missing."""


class DocumentsError(DealError):
	"""Invoice or contract cannot be issued."""


class DocumentsNotPermittedError(DocumentsError, frappe.PermissionError):
	"""The user lacks a right that a document needs; the message names it."""

	http_status_code = 403


class RequisitesError(DocumentsError):
	"""Requisites needed for a document are missing or wrong."""


class PrintError(Rule24Error):
	"""A printed form cannot be made."""
