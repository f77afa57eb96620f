"""The kinds of relation for a site that was there before them."""

from rule24_crm.setup import dictionaries


def execute() -> None:
	"""Safe to run twice; runs once, so that a kind deleted later stays deleted."""
	dictionaries.make_relation_kinds()
