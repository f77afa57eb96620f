"""Fields of the client's card: facts on top, and a tab that gathers people, deals, relations, letters and knowledge.

Each part is a field of its own in a section of its own, so that an administrator can move, hide or rename it in Customize
Form like any other; the Desk fills whatever parts it finds on the form, wherever they stand.
"""

from rule24_crm.setup.field_lists import chain, filled, opening

REACTIONS = "\nBuys Readily\nCompares Offers\nNeeds Time\nRefuses"
SATISFACTION = "\nDelighted\nSatisfied\nHas Complaints\nThinks of Leaving"
KEEPS = "\nAlways\nMostly\nSeldom\nNever"


def _html(fieldname: str, label: str) -> dict:
	return filled(fieldname, label, depends_on="eval:!doc.__islocal")


def facts(after: str | None = None, section: bool = True) -> list[dict]:
	"""The bar of facts at the head of the form.

	:param after: the field behind which it stands; none: the very first.
	:param section: whether the form's own first fields need a section to stand in below the bar.
	"""
	bar = _html("rule24_facts", "Facts")
	if after:
		bar["insert_after"] = after
	if not section:
		return [bar]
	return [bar, dict(fieldname="rule24_facts_end", fieldtype="Section Break", insert_after="rule24_facts")]


def card(after: str) -> list[dict]:
	"""The tab "Card" of a client.

	:param after: the field behind which it stands.
	"""
	return chain(
		[
			opening("Tab", "rule24_card_tab", "Card"),
			*_part("people", "People"),
			*_part("deals", "Deals"),
			*_part("relations", "Relations"),
			*_part("letters", "Letters and Calls"),
			*_knowledge(),
		],
		after,
	)


def relations_tab(after: str) -> list[dict]:
	"""A tab of its own for relations, where there is no card.

	:param after: the last field of the tab before.
	"""
	tab = opening("Tab", "rule24_relations_tab", "Relations")
	return chain([tab, _html("rule24_relations", "Relations")], after)


def person(after: str) -> list[dict]:
	"""What is known of a contact person: birthday, preferences, family.

	:param after: the field behind which it stands.
	"""
	fields = [
		dict(
			fieldname="rule24_person_section",
			label="Person",
			fieldtype="Section Break",
			collapsible=1,
			collapsible_depends_on="eval:doc.rule24_birthday || doc.rule24_preferences || (doc.rule24_family || []).length",
		),
		dict(
			fieldname="rule24_birthday",
			label="Birthday",
			fieldtype="Date",
			description="The responsible manager is reminded some days ahead",
		),
		dict(
			fieldname="rule24_birthday_reminded",
			label="Birthday Reminded For",
			fieldtype="Date",
			hidden=1,
			read_only=1,
			no_copy=1,
			print_hide=1,
		),
		dict(
			fieldname="rule24_preferences",
			label="Preferences",
			fieldtype="Small Text",
			description="What to talk about, what to give, what to avoid",
		),
		dict(fieldname="rule24_column_family", fieldtype="Column Break"),
		dict(
			fieldname="rule24_family",
			label="Family",
			fieldtype="Table",
			options="Contact Relative",
		),
	]
	return chain(fields, after)


def _part(key: str, label: str) -> list[dict]:
	return [opening("Section", f"rule24_{key}_section", label), _html(f"rule24_{key}", label)]


def _knowledge() -> list[dict]:
	"""What the manager has learned about the client; who changed what and when is in the form's history."""
	return [
		dict(
			fieldname="rule24_knowledge_section",
			label="What We Know",
			fieldtype="Section Break",
		),
		dict(
			fieldname="rule24_potential",
			label="Could Buy in a Year",
			fieldtype="Currency",
			in_standard_filter=0,
			non_negative=1,
			description="Revenue you believe is possible with this client",
		),
		dict(
			fieldname="rule24_reaction",
			label="Reaction to Offers",
			fieldtype="Select",
			options=REACTIONS,
			in_standard_filter=1,
		),
		dict(
			fieldname="rule24_obligations",
			label="Keeps Obligations",
			fieldtype="Select",
			options=KEEPS,
			description="Pays and delivers what was agreed",
		),
		dict(
			fieldname="rule24_satisfaction",
			label="Satisfaction",
			fieldtype="Select",
			options=SATISFACTION,
			in_standard_filter=1,
			description="What the client says about working with us",
		),
		dict(
			fieldname="rule24_column_knowledge",
			fieldtype="Column Break",
		),
		dict(
			fieldname="rule24_preferences",
			label="Preferences",
			fieldtype="Small Text",
			description="What the client likes to buy, how and when; what has changed of late",
		),
	]
