"""Customer, Lead and Prospect where Frappe replaces classes instead of extending them (before 16)."""

from erpnext.crm.doctype.lead.lead import Lead
from erpnext.crm.doctype.prospect.prospect import Prospect
from erpnext.selling.doctype.customer.customer import Customer

from rule24_crm.parties.access.requisites import HidesRequisites
from rule24_crm.parties.giving_up import GivenUp


class RequisitesCustomer(GivenUp, HidesRequisites, Customer):
	"""A Customer whose requisites are shown once active."""


class RequisitesLead(GivenUp, HidesRequisites, Lead):
	"""A Lead whose requisites are shown once active."""


class RequisitesProspect(GivenUp, HidesRequisites, Prospect):
	"""A Prospect whose requisites are shown once active."""
