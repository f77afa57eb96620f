"""What the Desk knows from the start."""

from rule24_crm.parties.registry import service as registry


def extend(bootinfo) -> None:
	"""Whether a register of companies is there to ask: its buttons show only then."""
	bootinfo.rule24_registry = registry.is_on()
