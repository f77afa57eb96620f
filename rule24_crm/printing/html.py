"""Make the HTML of a print view stand on its own, so that a browser without network can print it."""

from __future__ import annotations

import base64
import mimetypes
import os
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import frappe
import lxml.html
from frappe.utils import get_url

#: widest image of letter heads and stamps; anything bigger is not worth a slow PDF
MAX_IMAGE_BYTES = 5 << 20
PAGE_NUMBER_CLASSES = {"page": "pageNumber", "topage": "totalPages"}
MARGIN_RULE = re.compile(r"(?:^|[},/])\s*\.print-format\s*(?:,[^{}]*)?\{([^{}]*)\}")
MARGIN = re.compile(
	r"(?:^|;)\s*(margin-(?:top|right|bottom|left)|page-size|orientation|page-width|page-height)\s*:\s*([^;!]+)"
)


def stand_alone(html: str):
	"""The page with styles and images inside, without scripts, as a tree for `serialize` and `take_footer`.

	:param html: a whole page as `frappe.get_print` makes it.
	"""
	tree = lxml.html.document_fromstring(html)
	_drop(tree.xpath("//script | //base | //meta[@http-equiv] | //iframe | //object | //embed"))
	for link in tree.xpath("//link"):
		_replace_style(link)
	for image in tree.xpath("//img[@src]"):
		image.set("src", image_source(image.get("src")))
	return tree


def serialize(tree) -> str:
	"""The page as text."""
	return lxml.html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>")


def for_paper(tree) -> None:
	"""Show what Frappe marks as for PDFs only, take away what is marked as not for them; wkhtmltopdf's path does it itself."""
	_drop(tree.xpath("//*[contains(concat(' ', normalize-space(@class), ' '), ' hidden-pdf ')]"))
	for element in tree.xpath("//*[contains(concat(' ', normalize-space(@class), ' '), ' visible-pdf ')]"):
		element.set("class", " ".join(name for name in element.get("class").split() if name != "visible-pdf"))


def take_footer(tree) -> str:
	"""Take `#footer-html` out, which Frappe's wkhtmltopdf repeats on every page; "" without one.

	The counters in it get the names Chromium knows.
	"""
	found = tree.xpath("//*[@id='footer-html']")
	if not found:
		return ""
	footer = found[0]
	for element in footer.iter():
		names = (element.get("class") or "").split() if isinstance(element.tag, str) else []
		if names:
			element.set("class", " ".join(PAGE_NUMBER_CLASSES.get(name, name) for name in names))
	inner = (footer.text or "") + "".join(lxml.html.tostring(child, encoding="unicode") for child in footer)
	_drop(found)
	return inner.strip()


def page_options(html: str) -> dict[str, str]:
	"""What the styles of `.print-format` say about the page, by the rules of Frappe's wkhtmltopdf: margins, size, orientation."""
	options: dict[str, str] = {}
	for style in re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL):
		for block in MARGIN_RULE.findall(re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)):
			options.update((name, value.strip()) for name, value in MARGIN.findall(block))
	return options


def image_source(src: str) -> str:
	"""`src` as a data URI where it names an image of this site that the user may see; unchanged otherwise."""
	path, query = _local_path(src)
	kind = mimetypes.guess_type(path)[0] if path else None
	if not kind or not kind.startswith("image/"):
		return src
	if path.startswith("/assets/"):
		content = _read_inside(Path(frappe.local.sites_path, "assets"), path[len("/assets/") :])
	elif path.startswith(("/files/", "/private/files/")):
		content = _read_file(path, (query.get("fid") or [""])[0])
	else:
		return src
	return data_uri(content, kind) if content else src


def _read_file(url: str, name: str = "") -> bytes | str | None:
	"""Content of an uploaded file the user may see; several records may share one file, a right to any of them will do."""
	# get_all: File's own rule, which also looks at the document it is attached to, is asked below
	for record in frappe.get_all("File", {"file_url": url, **({"name": name} if name else {})}, pluck="name"):
		file = frappe.get_doc("File", record)
		if file.is_downloadable() and os.path.isfile(file.get_full_path()):
			return file.get_content()
	return None


def data_uri(content: bytes | str, kind: str) -> str:
	"""`content` as the value of `src`; "" when it is too big to print."""
	content = content.encode() if isinstance(content, str) else content
	if len(content) > MAX_IMAGE_BYTES:
		return ""
	return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _local_path(src: str) -> tuple[str, dict[str, list[str]]]:
	"""Path and query of an address on this site; "" of any other."""
	parts = urlsplit(src.strip())
	if parts.scheme not in ("", "http", "https"):
		return "", {}
	if parts.netloc and parts.netloc != urlsplit(get_url()).netloc:
		return "", {}
	return unquote(parts.path), parse_qs(parts.query)


def _replace_style(link) -> None:
	path, _query = _local_path(link.get("href") or "")
	if "stylesheet" in (link.get("rel") or "") and path.startswith("/assets/"):
		if content := _style(str(Path(frappe.local.sites_path, "assets").resolve()), path[len("/assets/") :]):
			# not as <style>: Frappe's wkhtmltopdf would look through the whole bundle for page margins, for seconds
			link.set("href", content)
			return
	_drop([link])


def _style(root: str, path: str) -> str:
	file = Path(root, path)
	try:
		return _style_at(root, path, file.stat().st_mtime_ns)
	except OSError:
		return ""


@lru_cache(maxsize=16)
def _style_at(root: str, path: str, _changed: int) -> str:
	content = _read_inside(Path(root), path)
	return data_uri(content, "text/css") if content else ""


def _read_inside(root: Path, path: str) -> bytes | None:
	"""The file `path` under `root`; None when there is none. Links below `root` (apps' assets) are followed, `..` is not."""
	if ".." in Path(path).parts:
		return None
	file = root / path.lstrip("/")
	return file.read_bytes() if os.path.isfile(file) else None


def _drop(elements) -> None:
	for element in elements:
		if element.getparent() is not None:
			element.drop_tree()
