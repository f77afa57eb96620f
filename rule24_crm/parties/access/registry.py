"""What is guarded, and by what: one line for a DocType.

A record is seen by the users in its `owners` fields, by those who see a client or document it belongs to, and by those
with whom it is shared. What belongs to nobody's client is left to the users in `alone`.
"""

from dataclasses import dataclass, field

from rule24_crm.parties.kinds import OWNER_FIELD


@dataclass(frozen=True)
class Rule:
	"""How one DocType is guarded.

	:param owners: fields with a user who sees the record.
	:param segments: whether its rows of `Party Segment` open it to the managers of a segment.
	:param party: the two fields with kind and name of its client.
	:param manager: a field that repeats who is responsible for that client; empty where it is not known.
	:param links: field -> guarded DocType; who sees what it points at sees the record.
	:param dynamic_links: whether the clients it belongs to stand in rows of `Dynamic Link`.
	:param alone: fields with a user who sees the record as long as it belongs to no client.
	"""

	owners: tuple[str, ...] = ()
	segments: bool = False
	party: tuple[str, str] | None = None
	manager: str | None = None
	links: dict[str, str] = field(default_factory=dict)
	dynamic_links: bool = False
	alone: tuple[str, ...] = ()


_DEAL = {"rule24_opportunity": "Opportunity"}
_SALE = Rule(links={"customer": "Customer", **_DEAL}, alone=("owner",))

#: DocType -> its rule; a new DocType of a client's joins with a line here
RULES: dict[str, Rule] = {
	**{kind: Rule(owners=(field,), segments=True) for kind, field in OWNER_FIELD.items()},
	"Opportunity": Rule(owners=("opportunity_owner",), party=("opportunity_from", "party_name")),
	"Contact": Rule(segments=True, dynamic_links=True, alone=("owner", "user")),
	"Address": Rule(dynamic_links=True, alone=("owner",)),
	"Work": Rule(
		owners=("assigned_to",),
		party=("party_type", "party"),
		manager="party_manager",
		links={"opportunity": "Opportunity"},
		alone=("owner",),
	),
	"Work Campaign Member": Rule(owners=("assigned_to",), party=("party_type", "party")),
	"Deal Stage Change": Rule(links={"opportunity": "Opportunity"}),
	# what ERPNext issues to clients
	"Quotation": Rule(party=("quotation_to", "party_name"), links=_DEAL, alone=("owner",)),
	"Sales Order": _SALE,
	"Sales Invoice": _SALE,
	"Contract": Rule(party=("party_type", "party_name"), links=_DEAL, alone=("owner",)),
	"Delivery Note": Rule(links={"customer": "Customer"}, alone=("owner",)),
	"Installation Note": Rule(links={"customer": "Customer"}, alone=("owner",)),
	"Packing Slip": Rule(links={"delivery_note": "Delivery Note"}, alone=("owner",)),
	"Appointment": Rule(party=("appointment_with", "party"), alone=("owner",)),
}

#: records about a document of any kind: DocType -> fields with kind and name of that document. They are seen with it
#: (stock lets only System Managers read most of the logs among them, and accountants payments and bank accounts; a site may let others)
ABOUT: dict[str, tuple[str, str]] = {
	"Access Log": ("export_from", "reference_document"),
	"Activity Log": ("reference_doctype", "reference_name"),
	"Bank Account": ("party_type", "party"),
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Distribution Log": ("party_type", "party"),
	"Document Follow": ("ref_doctype", "ref_docname"),
	"Energy Point Log": ("reference_doctype", "reference_name"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Payment Entry": ("party_type", "party"),
	"Payment Request": ("party_type", "party"),
	"Stock Reservation Entry": ("voucher_type", "voucher_no"),
	"Tag Link": ("document_type", "document_name"),
	"Version": ("ref_doctype", "docname"),
	"View Log": ("reference_doctype", "reference_name"),
}

#: child tables of what is guarded: Frappe reads them by their own name and does not look at the row's parent
CHILD_TABLES = (
	"Allowed To Transact With",
	"Competitor Detail",
	"Contact Email",
	"Contact Phone",
	"Contact Relative",
	"Contract Fulfilment Checklist",
	"CRM Note",
	"Customer Credit Limit",
	"Delivery Note Item",
	"Dynamic Link",
	"Installation Note Item",
	"Item Wise Tax Detail",
	"Lost Reason Detail",
	"Opportunity Item",
	"Opportunity Lost Reason Detail",
	"Packed Item",
	"Packing Slip Item",
	"Party Account",
	"Party Participant",
	"Party Segment",
	"Payment Schedule",
	"Portal User",
	"Pricing Rule Detail",
	"Prospect Lead",
	"Prospect Opportunity",
	"Quotation Item",
	"Quotation Lost Reason Detail",
	"Sales Invoice Advance",
	"Sales Invoice Item",
	"Sales Invoice Payment",
	"Sales Invoice Timesheet",
	"Sales Order Item",
	"Sales Taxes and Charges",
	"Sales Team",
	"Supplier Number At Customer",
	"Tax Withholding Entry",
)
