"""Fields of the client's card: facts on top, and a tab that gathers people, deals, relations, letters and knowledge.

Each part is a field of its own in a section of its own, so that an administrator can move, hide or rename it in Customize
Form like any other; the Desk fills whatever parts it finds on the form, wherever they stand.
"""

REACTIONS = "\nBuys Readily\nCompares Offers\nNeeds Time\nRefuses"
SATISFACTION = "\nDelighted\nSatisfied\nHas Complaints\nThinks of Leaving"
KEEPS = "\nAlways\nMostly\nSeldom\nNever"


def _html(fieldname: str, label: str, **more) -> dict:
	return dict(
		fieldname=fieldname,
		label=label,
		fieldtype="HTML",
		print_hide=1,
		depends_on="eval:!doc.__islocal",
		**more,
	)


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
	return [
		dict(
			fieldname="rule24_card_tab", label="Card", fieldtype="Tab Break", insert_after=after, print_hide=1
		),
		*_part("people", "People", "rule24_card_tab"),
		*_part("deals", "Deals", "rule24_people"),
		*relations("rule24_deals"),
		*_part("letters", "Letters and Calls", "rule24_relations"),
		*_knowledge("rule24_letters"),
	]


def relations(after: str) -> list[dict]:
	"""The part with the relations, for clients and persons alike."""
	return _part("relations", "Relations", after)


def relations_tab(after: str) -> list[dict]:
	"""A tab of its own for relations, where there is no card.

	:param after: the last field of the tab before.
	"""
	return [
		dict(
			fieldname="rule24_relations_tab",
			label="Relations",
			fieldtype="Tab Break",
			insert_after=after,
			print_hide=1,
		),
		_html("rule24_relations", "Relations", insert_after="rule24_relations_tab"),
	]


def person(after: str) -> list[dict]:
	"""What is known of a contact person: birthday, preferences, family.

	:param after: the field behind which it stands.
	"""
	return [
		dict(
			fieldname="rule24_person_section",
			label="Person",
			fieldtype="Section Break",
			insert_after=after,
			collapsible=1,
			collapsible_depends_on="eval:doc.rule24_birthday || doc.rule24_preferences || (doc.rule24_family || []).length",
		),
		dict(
			fieldname="rule24_birthday",
			label="Birthday",
			fieldtype="Date",
			insert_after="rule24_person_section",
			description="The responsible manager is reminded some days ahead",
		),
		dict(
			fieldname="rule24_birthday_reminded",
			label="Birthday Reminded For",
			fieldtype="Date",
			insert_after="rule24_birthday",
			hidden=1,
			read_only=1,
			no_copy=1,
			print_hide=1,
		),
		dict(
			fieldname="rule24_preferences",
			label="Preferences",
			fieldtype="Small Text",
			insert_after="rule24_birthday_reminded",
			description="What to talk about, what to give, what to avoid",
		),
		dict(fieldname="rule24_column_family", fieldtype="Column Break", insert_after="rule24_preferences"),
		dict(
			fieldname="rule24_family",
			label="Family",
			fieldtype="Table",
			options="Contact Relative",
			insert_after="rule24_column_family",
		),
	]


def _part(key: str, label: str, after: str) -> list[dict]:
	return [
		dict(
			fieldname=f"rule24_{key}_section",
			label=label,
			fieldtype="Section Break",
			insert_after=after,
			print_hide=1,
		),
		_html(f"rule24_{key}", label, insert_after=f"rule24_{key}_section"),
	]


def _knowledge(after: str) -> list[dict]:
	"""What the manager has learned about the client; who changed what and when is in the form's history."""
	return [
		dict(
			fieldname="rule24_knowledge_section",
			label="What We Know",
			fieldtype="Section Break",
			insert_after=after,
		),
		dict(
			fieldname="rule24_potential",
			label="Could Buy in a Year",
			fieldtype="Currency",
			insert_after="rule24_knowledge_section",
			in_standard_filter=0,
			non_negative=1,
			description="Revenue you believe is possible with this client",
		),
		dict(
			fieldname="rule24_reaction",
			label="Reaction to Offers",
			fieldtype="Select",
			options=REACTIONS,
			insert_after="rule24_potential",
			in_standard_filter=1,
		),
		dict(
			fieldname="rule24_obligations",
			label="Keeps Obligations",
			fieldtype="Select",
			options=KEEPS,
			insert_after="rule24_reaction",
			description="Pays and delivers what was agreed",
		),
		dict(
			fieldname="rule24_satisfaction",
			label="Satisfaction",
			fieldtype="Select",
			options=SATISFACTION,
			insert_after="rule24_obligations",
			in_standard_filter=1,
			description="What the client says about working with us",
		),
		dict(
			fieldname="rule24_column_knowledge",
			fieldtype="Column Break",
			insert_after="rule24_satisfaction",
		),
		dict(
			fieldname="rule24_preferences",
			label="Preferences",
			fieldtype="Small Text",
			insert_after="rule24_column_knowledge",
			description="What the client likes to buy, how and when; what has changed of late",
		),
	]
