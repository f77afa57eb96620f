"""The kinds of relation a new site starts with. They are the users' own from then on."""

from rule24_crm.parties.relations.kinds import ANY, COMPANIES, MIXED, PEOPLE

#: what the first is to the second, what the second is to the first (empty: the same), between whom
KINDS = (
	("Parent Company", "Subsidiary", COMPANIES),
	("Supplier", "Buyer", COMPANIES),
	("Carrier", "Shipper", COMPANIES),
	("Dealer", "Dealer's Vendor", COMPANIES),
	("Competitor", "", COMPANIES),
	("Partner", "", COMPANIES),
	("Legal Predecessor", "Legal Successor", COMPANIES),
	("Director", "Company Led", MIXED),
	("Chief Accountant", "Company Whose Books Are Kept", MIXED),
	("Employee", "Employer", MIXED),
	("Consultant", "Consulted Company", MIXED),
	("Owner", "Owned Company", ANY),
	("Recommended By", "Recommended To", ANY),
	("Head", "Subordinate", PEOPLE),
	("Colleague", "", PEOPLE),
	("Spouse", "", PEOPLE),
	("Parent", "Child", PEOPLE),
	("Sibling", "", PEOPLE),
	("Friend", "", PEOPLE),
)
