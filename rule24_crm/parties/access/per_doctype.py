"""A condition of its own for each DocType of a module: early builds of Frappe 15 do not tell the hook which DocType is meant."""

from collections.abc import Callable, Container, Iterable

import frappe

from rule24_crm.compat import of_listed_table

_PREFIX = "seen_"


class Conditions:
	"""The hooks `permission_query_conditions` of a module: `seen_work`, `seen_customer` ...

	:param module: dotted path of the module; its `__getattr__` is `function` of this.
	:param doctypes: DocTypes that have a hook there.
	:param condition: takes a DocType and a user, gives SQL; empty when nothing is hidden.
	:param open_titles: those of the DocTypes whose records' titles any list may show, see `compat.of_listed_table`.
	"""

	def __init__(
		self,
		module: str,
		doctypes: Iterable[str],
		condition: Callable[[str, str | None], str],
		open_titles: Container[str] = (),
	):
		self._module = module
		self._open_titles = open_titles
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
		meant = self._doctypes[name]
		return of_listed_table(
			lambda user, _doctype: self._condition(meant, user), meant in self._open_titles
		)
