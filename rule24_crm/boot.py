"""What the Desk knows from the start."""

from rule24_crm.parties import access, live, managers
from rule24_crm.parties.registry import service as registry


def extend(bootinfo) -> None:
	"""Whether a register of companies is there to ask, whose buttons show only then; whether a client whom the user enters in
	a form without naming a manager stays the user's own (`access.entering`); whether the user is a head (`managers.HEADS`);
	what tells that nobody works with a client any more (`live.WRITTEN_OFF`).
	"""
	bootinfo.rule24_registry = registry.is_on()
	bootinfo.rule24_written_off = live.WRITTEN_OFF
	bootinfo.rule24_is_head = managers.is_head()
	bootinfo.rule24_keeps_new_clients = bool(access.of_user())
