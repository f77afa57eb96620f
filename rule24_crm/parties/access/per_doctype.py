"""A condition of its own for each DocType of a module: early builds of Frappe 15 do not tell the hook which DocType is meant."""

from collections.abc import Callable, Iterable

import frappe

from rule24_crm.compat import of_listed_table

_PREFIX = "seen_"


class Conditions:
	"""The hooks `permission_query_conditions` of a module: `seen_work`, `seen_customer` ...

	:param module: dotted path of the module; its `__getattr__` is `function` of this.
	:param doctypes: DocTypes that have a hook there.
	:param condition: takes a DocType and a user, gives SQL; empty when nothing is hidden.
	"""

	def __init__(self, module: str, doctypes: Iterable[str], condition: Callable[[str, str | None], str]):
		self._module = module
		self._condition = condition
		self._doctypes = {_PREFIX + frappe.scrub(doctype): doctype for doctype in doctypes}

	def names(self) -> dict[str, str]:
		"""DocType -> dotted path of its hook."""
		return {doctype: f"{self._module}.{name}" for name, doctype in self._doctypes.items()}

	def function(self, name: str) -> Callable[..., str]:
		"""The hook of that name.

		:raises AttributeError: the module has no such hook.
		"""
		if name not in self._doctypes:
			raise AttributeError(f"module {self._module!r} has no attribute {name!r}")
		return of_listed_table(lambda user, doctype: self._condition(self._doctypes[name], user))
