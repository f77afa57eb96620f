"""Functions, classes and methods: what the stand-in defines must exist in ERPNext with the same signature."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from devtools.contract.report import Report

parsed = lru_cache(maxsize=None)(ast.parse)
Callable = ast.FunctionDef | ast.AsyncFunctionDef


class Sources:
	"""Python modules of the apps below some roots, parsed when asked for."""

	def __init__(self, **packages: Path):
		"""`packages`: name of a package -> its folder."""
		self.packages = packages
		self._trees: dict[str, ast.Module | None] = {}

	def tree(self, module: str) -> ast.Module | None:
		if module not in self._trees:
			path = self.path(module)
			self._trees[module] = parsed(path.read_text()) if path else None
		return self._trees[module]

	def path(self, module: str) -> Path | None:
		top, *rest = module.split(".")
		if top not in self.packages:
			return None
		place = self.packages[top].joinpath(*rest)
		for path in (place.with_suffix(".py"), place / "__init__.py"):
			if path.is_file():
				return path
		return None

	def find(self, module: str, name: str, depth: int = 5) -> "Found | None":
		"""What `name` means at the end of `module`, through its imports; None if the module has no such name."""
		tree = self.tree(module)
		if tree is None or not depth:
			return None
		found = None
		for node in _statements(tree.body):
			if isinstance(node, Callable | ast.ClassDef) and node.name == name:
				found = Found(module, node)
			elif isinstance(node, ast.ImportFrom):
				for alias in node.names:
					if (alias.asname or alias.name) == name:
						source = _absolute(node, module, self.path(module))
						found = self.find(source, alias.name, depth - 1) or Found(source, None)
			elif isinstance(node, ast.Import):
				for alias in node.names:
					if (alias.asname or alias.name.split(".")[0]) == name:
						found = Found(alias.name, None)
			elif isinstance(node, ast.Assign):
				if any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
					found = Found(module, node)
		return found

	def methods(self, found: "Found") -> dict[str, tuple[str, Callable]]:
		"""Methods of a class and of its bases: name -> (class that has it, definition)."""
		methods: dict[str, tuple[str, Callable]] = {}
		for base in reversed(found.node.bases):
			if isinstance(base, ast.Name):
				parent = self.find(found.module, base.id)
				if parent and isinstance(parent.node, ast.ClassDef):
					methods.update(self.methods(parent))
		for node in found.node.body:
			if isinstance(node, Callable):
				methods[node.name] = (found.node.name, node)
		return methods


@dataclass
class Found:
	"""A name's definition; `node` is None when it comes from outside the known packages."""

	module: str
	node: ast.AST | None


def compare(standin: Path, theirs: Sources, alternatives: list[tuple[str, ...]], report: Report) -> None:
	"""Compare every module of the package `standin` with ERPNext's.

	:param alternatives: groups of dotted paths; a function of one version may stand at any path of its group.
	"""
	ours = Sources(erpnext=standin, frappe=theirs.packages["frappe"])
	for path in sorted(standin.rglob("*.py")):
		if path.name == "hooks.py":
			continue
		module = ".".join(("erpnext", *path.relative_to(standin).with_suffix("").parts)).removesuffix(
			".__init__"
		)
		_module(module, ours, theirs, alternatives, report)


def _module(module: str, ours: Sources, theirs: Sources, alternatives, report: Report) -> None:
	tree = ours.tree(module)
	public = [node for node in _statements(tree.body) if isinstance(node, Callable | ast.ClassDef)]
	if not public and not any(isinstance(node, ast.Assign) for node in tree.body):
		return
	report.count("modules")
	for node in public:
		if node.name == "on_doctype_update":
			continue
		place = f"{module}.{node.name}"
		real = theirs.find(module, node.name) or _elsewhere(place, theirs, alternatives)
		if real is None:
			if not node.name.startswith("_"):
				report.differ(place, "ERPNext has nothing of this name")
			continue
		if isinstance(node, ast.ClassDef):
			_class(place, node, module, real, ours, theirs, report)
		elif isinstance(real.node, Callable):
			report.count("functions")
			_signature(place, node, real.node, report)
		elif real.node is not None:
			report.differ(place, f"is {_kind(real.node)} in ERPNext")
	_constants(module, tree, theirs, report)


def _elsewhere(place: str, theirs: Sources, alternatives) -> Found | None:
	for group in alternatives:
		if place in group:
			for path in group:
				found = theirs.find(*path.rsplit(".", 1))
				if found:
					return found
	return None


def _class(
	place, node: ast.ClassDef, module, real: Found, ours: Sources, theirs: Sources, report: Report
) -> None:
	report.count("classes")
	if not isinstance(real.node, ast.ClassDef):
		report.differ(place, f"is {_kind(real.node)} in ERPNext")
		return
	own_bases, real_bases = _bases(node), _bases(real.node)
	if own_bases != real_bases:
		report.unequal(f"{place} bases", own_bases, real_bases)
	methods = theirs.methods(real)
	for method in node.body:
		if not isinstance(method, Callable):
			continue
		if method.name not in methods:
			if not method.name.startswith("_"):
				report.differ(f"{place}.{method.name}", "ERPNext has no such method")
			continue
		report.count("methods")
		_signature(f"{place}.{method.name}", method, methods[method.name][1], report)


def _bases(node: ast.ClassDef) -> list[str]:
	return [ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases]


def _signature(place: str, mine: Callable, real: Callable, report: Report) -> None:
	if parameters(mine) != parameters(real):
		report.unequal(f"{place} parameters", parameters(mine), parameters(real))
	for what, of in (("whitelisting", whitelisting), ("kind", _decorations)):
		if of(mine) != of(real):
			report.unequal(f"{place} {what}", of(mine), of(real))


def parameters(node: Callable) -> str:
	"""Names, order, defaults and annotations of the parameters, as one line."""
	return ast.unparse(node.args)


def whitelisting(node: Callable) -> str:
	"""How the web may call it: empty if not, else the decorator's own arguments."""
	for decorator in node.decorator_list:
		text = ast.unparse(decorator)
		if text.startswith("frappe.whitelist"):
			return text.removesuffix("()")
	return ""


def _decorations(node: Callable) -> list[str]:
	known = ("property", "staticmethod", "classmethod")
	return [name for name in map(ast.unparse, node.decorator_list) if name in known]


def _constants(module: str, tree: ast.Module, theirs: Sources, report: Report) -> None:
	"""A constant that ERPNext has as well: equal, or for a dict equal in every key that the stand-in has."""
	for node in tree.body:
		if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
			continue
		name = node.targets[0].id
		real = theirs.find(module, name)
		if name.startswith("__") or not (real and isinstance(real.node, ast.Assign)):
			continue
		mine, his = _literal(node.value), _literal(real.node.value)
		if mine is None or his is None:
			continue
		report.count("constants")
		place = f"{module}.{name}"
		if isinstance(mine, dict) and isinstance(his, dict):
			for key, value in mine.items():
				if his.get(key) != value:
					report.unequal(f"{place}[{key!r}]", value, his.get(key))
		elif isinstance(mine, set | tuple | list):
			extra = [value for value in mine if value not in his]
			if extra:
				report.differ(place, f"ERPNext does not have {extra}")
		elif mine != his:
			report.unequal(place, mine, his)


def _literal(node: ast.AST):
	try:
		return ast.literal_eval(node)
	except ValueError:
		return None


def _statements(body: list[ast.stmt]):
	"""The statements of a module, those inside `if` and `try` included."""
	for node in body:
		yield node
		if isinstance(node, ast.If | ast.Try):
			yield from _statements(node.body)
			yield from _statements(node.orelse)
			for handler in getattr(node, "handlers", []):
				yield from _statements(handler.body)


def _absolute(node: ast.ImportFrom, module: str, path: Path | None) -> str:
	if not node.level:
		return node.module or ""
	parts = module.split(".")
	if path is None or path.name != "__init__.py":
		parts = parts[:-1]
	parts = parts[: len(parts) - node.level + 1]
	return ".".join([*parts, *([node.module] if node.module else [])])


def _kind(node: ast.AST | None) -> str:
	if isinstance(node, ast.ClassDef):
		return "a class"
	return "a function" if isinstance(node, Callable) else "something else"
