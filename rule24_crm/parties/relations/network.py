"""Who is tied to whom around a record, some steps far: what the picture of the network is drawn from."""

import frappe
from frappe import _

from rule24_crm.exceptions import RelationError
from rule24_crm.parties.relations import kinds, listing, sides
from rule24_crm.titles import titles

MOST_STEPS = 3
#: a picture of more cannot be read
MOST_NODES = 100


def around(doctype: str, name: str, depth: int = 1) -> dict:
	"""The network around a record, as far as the user may read it.

	Each step takes two queries for every kind of record, and one for the rights to it.

	:param depth: steps, 1 to 3.
	:return: `{"nodes": [...], "edges": [...], "cut": bool}`. A node has `id, doctype, name, title, depth, parent, role`:
		`parent` is the node through which it was found and `role` what it is to that one. An edge has
		`from, to, role_from, role_to, past, relation`. `cut`: there is more than can be drawn.
	:raises RelationError: the depth is none of 1, 2, 3.
	"""
	if depth not in range(1, MOST_STEPS + 1):
		frappe.throw(_("The network goes 1 to {0} steps far.").format(MOST_STEPS), RelationError)
	return _Walk(doctype, name).run(depth)


class _Walk:
	"""Breadth first, so that what is nearest is found first and kept when there is too much."""

	def __init__(self, doctype: str, name: str):
		own = listing.records_of(doctype, name)
		title = titles(doctype, [name]).get(name, name)
		self.nodes = [_node(0, sides.Side(doctype, name, title))]
		self.ids = dict.fromkeys(own, 0)  # the records of one client are one node
		self.edges: dict[str, dict] = {}
		self.reverse = kinds.reverses()
		self.allowed: set[tuple[str, str]] = set(own)
		self.asked: set[tuple[str, str]] = set(own)
		self.cut = False
		self.border = own

	def run(self, depth: int) -> dict:
		for step in range(1, depth + 1):
			self.border = self.step(step, [pair for pair in self.border if pair[0]])
		return {"nodes": self.nodes, "edges": list(self.edges.values()), "cut": self.cut}

	def step(self, step: int, border: list[tuple[str, str]]) -> list[tuple[str, str]]:
		"""Go over the relations of `border`. :return: the records found for the first time."""
		if not border:
			return []
		rows = [row for row in listing.rows(border) if row.name not in self.edges]
		self.ask(rows)
		rows.sort(key=lambda row: (listing.is_past(row), row.kind, row.from_title, row.to_title))
		found = []
		for row in rows:
			ends = {side: sides.of(row, side) for side in sides.SIDES}
			if any(end.party and end.key not in self.allowed for end in ends.values()):
				continue
			for side, end in ends.items():
				if end.key not in self.ids and not self.add(step, row, side, ends):
					break
				if end.key not in found and self.nodes[self.ids[end.key]]["depth"] == step:
					found.append(end.key)
			else:
				self.connect(row, ends)
		return found

	def ask(self, rows: list) -> None:
		"""Which of the records that come up for the first time the user may read."""
		new = {sides.of(row, side).key for row in rows for side in sides.SIDES} - self.asked
		self.asked |= new
		self.allowed |= sides.readable(new)

	def add(self, step: int, row, side: str, ends: dict) -> bool:
		"""A new node, found from the other side. :return: whether there was room for it."""
		if len(self.nodes) >= MOST_NODES:
			self.cut = True
			return False
		node = _node(len(self.nodes), ends[side], step)
		node["parent"] = self.ids[ends[sides.OTHER[side]].key]
		node["role"] = _(listing.role(row, side, self.reverse))
		self.ids[ends[side].key] = node["id"]
		self.nodes.append(node)
		return True

	def connect(self, row, ends: dict) -> None:
		self.edges[row.name] = {
			"relation": row.name,
			"from": self.ids[ends["from"].key],
			"to": self.ids[ends["to"].key],
			"role_from": _(listing.role(row, "from", self.reverse)),
			"role_to": _(listing.role(row, "to", self.reverse)),
			"past": listing.is_past(row),
		}


def _node(number: int, side, depth: int = 0) -> dict:
	return {
		"id": number,
		"doctype": side.doctype,
		"name": side.party,
		"title": side.title,
		"depth": depth,
		"parent": None,
		"role": "",
	}
