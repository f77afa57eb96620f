"""Puts Frappe's own names back into the tree that was published under another name."""

import shutil
from pathlib import Path

BINARY = frozenset("png jpg jpeg gif woff woff2 ttf otf eot mp3 zip ico gz image".split())
NAMES = (
	("Crisco Technologies", "Frappe Technologies"),
	("criscostack", "frappe"),
	("CRISCOSTACK", "FRAPPE"),
	("Criscostack", "Frappe"),
	("criscoerp", "erpnext"),
	("CRISCOERP", "ERPNEXT"),
	("Criscoerp", "ERPNext"),
	("Crisco", "Frappe"),
	("brik_helper", "bench_helper"),
)


def restored(text: str) -> str:
	"""`text` with every renamed word as Frappe writes it."""
	for published, original in NAMES:
		text = text.replace(published, original)
	return text


def restore(source: Path, target: Path) -> None:
	"""Copies the package at `source` to `target` with names restored in paths and in text files."""
	for path in sorted(source.rglob("*")):
		if not path.is_file() or path.suffix == ".pyc" or path.name == ".DS_Store":
			continue
		place = target / restored(str(path.relative_to(source)))
		place.parent.mkdir(parents=True, exist_ok=True)
		if path.suffix.lstrip(".").lower() in BINARY:
			shutil.copyfile(path, place)
			continue
		content = path.read_bytes()
		try:
			content = restored(content.decode()).encode()
		except UnicodeDecodeError:
			pass  # binary under a text file's name
		place.write_bytes(content)
