from pathlib import Path

from frappe import _


def get():
	"""The chart as ERPNext shapes it, read from standard.txt beside this module.

	One account a line, a tab a level: `name [: account type] [+ (a group without children)] [@root type]`.
	"""
	chart = {}
	levels = [chart]
	for line in (Path(__file__).parent / "standard.txt").read_text().splitlines():
		text = line.lstrip("\t")
		depth = len(line) - len(text)
		text, _at, root_type = text.partition(" @")
		group = text.endswith(" +")
		name, _colon, account_type = text.removesuffix(" +").partition(" : ")
		node = {}
		if account_type:
			node["account_type"] = account_type
		if group:
			node["is_group"] = 1
		if root_type:
			node["root_type"] = root_type
		levels[depth][_(name)] = node
		levels[depth + 1 :] = [node]
	return chart
