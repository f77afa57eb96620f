"""PDFs by a persistent headless Chromium, several times faster than wkhtmltopdf; wkhtmltopdf where there is none.

Ways in:
- `for_print` is the `pdf_generator` hook of Frappe 15.100+: every Print Format whose "PDF Generator" is "chrome"
  comes here, downloaded, attached or mailed. Ours say so there.
- `download_pdf` stands in for Frappe's download where that hook is not there (before) or is Frappe's own (16).
- `render` and `document` are for our own code.

Each process has a browser of its own, started by the first PDF, closed when idle, restarted when dead, never shared
over a fork.
"""

from __future__ import annotations

import atexit
import io
import os
import re
import shutil
import threading
import time

import frappe
from frappe import _
from frappe.translate import print_language
from frappe.utils.pdf import get_pdf
from frappe.www.printview import validate_print_permission
from pypdf import PdfReader, PdfWriter

from rule24_crm.exceptions import PrintError
from rule24_crm.printing import html as pages
from rule24_crm.printing.chromium import Chromium, ChromiumError, Paper

#: the value of Print Format's "PDF Generator" that means Chromium, as Frappe 16 calls it
GENERATOR = "chrome"
#: key of site_config.json: path of the browser, or "off"
CONFIG_KEY = "rule24_chromium"
#: the shell first: the same engine without the browser around it, three times as fast
BINARIES = (
	"chromium-headless-shell",
	"chrome-headless-shell",
	"chromium",
	"chromium-browser",
	"google-chrome",
	"google-chrome-stable",
)
DEFAULT_MARGIN = "15mm"
PAPERS = {"A4": ("210mm", "297mm"), "A3": ("297mm", "420mm"), "A5": ("148mm", "210mm"), "Letter": ("8.5in", "11in"), "Legal": ("8.5in", "14in")}  # fmt: skip
INCHES = {"mm": 25.4, "cm": 2.54, "in": 1, "px": 96, "pt": 72}

#: a browser holds some 150 MB: not kept for nothing
IDLE_SECONDS = 300
#: and is replaced now and then, whatever it may leak
PRINTS_PER_BROWSER = 1000
#: after a failed start wkhtmltopdf is used at once for so long
RETRY_SECONDS = 60


def render(html: str, options: dict | None = None) -> bytes:
	"""Print a page.

	:param html: a whole page, as `frappe.get_print` makes it.
	:param options: as wkhtmltopdf names them: `page-size`, `orientation`, `page-width`, `page-height`, `margin-top` and so
		on with units, `password`. Styles of `.print-format` in the page win over them, as in Frappe.
	:raises PrintError: neither Chromium nor wkhtmltopdf works here.
	"""
	content = by_chromium(html, options)
	return by_wkhtmltopdf(html, options) if content is None else content


def by_chromium(html: str, options: dict | None = None) -> bytes | None:
	"""Print a page by Chromium; None when there is none or it fails, which is logged.

	Parameters as of `render`.
	"""
	if not chromium_path():
		return None
	tree = pages.stand_alone(html)
	pages.for_paper(tree)
	footer = pages.take_footer(tree)
	document = pages.serialize(tree)
	options = {**(options or {}), **pages.page_options(document)}
	paper = _paper(options)
	content = _browser.pdf(document, paper, _footer(footer, paper))
	if content is None or not options.get("password"):
		return content
	return _encrypted(content, options["password"])


def by_wkhtmltopdf(html: str, options: dict | None = None) -> bytes:
	"""Print a page by Frappe's wkhtmltopdf, from a page that needs no network.

	Parameters and errors as of `render`.
	"""
	if not shutil.which("wkhtmltopdf"):
		raise PrintError(
			_("There is no program that makes PDFs on this server: install Chromium or wkhtmltopdf")
		)
	return get_pdf(pages.serialize(pages.stand_alone(html)), options=dict(options or {}))


def document(
	doctype: str,
	name: str,
	print_format: str | None,
	*,
	lang: str | None = None,
	letterhead: str | None = None,
	checked: bool = False,
) -> bytes:
	"""The PDF of a document that the session's user may print.

	:param print_format: name of a Print Format; the DocType's default one without it.
	:param checked: the caller has made sure that the user may have this PDF.
	:param lang: language of the print; the user's own without it.
	:param letterhead: name of a Letter Head; none is printed without it.
	:raises frappe.PermissionError: the user may neither read nor print the document.
	:raises PrintError: no PDFs here.
	"""
	form, ignored = frappe.local.form_dict, frappe.flags.ignore_print_permissions
	# frappe.get_print of Frappe before 15.100 writes its arguments into the request's
	frappe.local.form_dict = frappe._dict(form)
	try:
		# of Frappe before 15.100 a refusal comes back as a page that says so
		if not checked:
			validate_print_permission(frappe.get_doc(doctype, name))
		frappe.flags.ignore_print_permissions = True
		with print_language(lang):
			return render(
				frappe.get_print(
					doctype, name, print_format, letterhead=letterhead, no_letterhead=0 if letterhead else 1
				)
			)
	finally:
		frappe.local.form_dict = form
		frappe.flags.ignore_print_permissions = ignored


def attachment(doctype: str, name: str, print_format: str | None, **options) -> dict:
	"""`document` with its `options`, as an attachment for `frappe.sendmail`: `{"fname", "fcontent"}`."""
	return {"fname": _file_name(name), "fcontent": document(doctype, name, print_format, **options)}


def for_print(html: str, pdf_generator: str, options: dict | None = None, output: PdfWriter | None = None):
	"""Frappe's hook `pdf_generator`.

	:return: the PDF, or `output` with its pages added; None of other generators than ours.
	"""
	if pdf_generator != GENERATOR:
		return None
	content = render(html, options)
	if output is None:
		return content
	output.append_pages_from_reader(PdfReader(io.BytesIO(content)))
	return output


@frappe.whitelist(allow_guest=True)
def download_pdf(doctype: str, name: str, format: str | None = None, **more):
	"""Stands in for `frappe.utils.print_format.download_pdf` where the hook `pdf_generator` is not ours.

	Guests may come with a key, as to Frappe's own, which is what checks them: this only chooses who makes the PDF.
	"""
	from frappe.utils import print_format as stock

	more.pop("cmd", None)
	if not is_ours(format):
		return frappe.call(stock.download_pdf, doctype=doctype, name=name, format=format, **more)
	doc = frappe.get_doc(doctype, name)
	validate_print_permission(doc)
	letterhead = more.get("letterhead")
	no_letterhead = more.get("no_letterhead", 0)
	with print_language(more.get("language")):
		html = frappe.get_print(doctype, name, format, letterhead=letterhead, no_letterhead=no_letterhead)
		frappe.local.response.filecontent = render(html)
	frappe.local.response.filename = _file_name(name)
	frappe.local.response.type = "pdf"


def is_ours(print_format: str | None) -> bool:
	"""Whether the Print Format is one of this app."""
	return bool(print_format) and frappe.db.get_value("Print Format", print_format, "module") == "Rule24 CRM"


def chromium_path() -> str | None:
	"""The browser to use: of site_config.json, else the first found on the path; None when switched off or absent."""
	configured = frappe.conf.get(CONFIG_KEY)
	if configured in ("off", 0, False):
		return None
	if configured:
		return shutil.which(configured)
	return next((path for path in map(shutil.which, BINARIES) if path), None)


class _Browser:
	"""The browser of this process."""

	def __init__(self):
		self._lock = threading.Lock()
		self._chromium: Chromium | None = None
		self._idle: threading.Timer | None = None
		self._failed_at: float | None = None

	def pdf(self, html: str, paper: Paper, footer: str) -> bytes | None:
		"""As `Chromium.pdf`, twice if the first browser turns out dead; None when it cannot be done."""
		binary = chromium_path()
		with self._lock:
			if self._failed_at is not None and time.monotonic() - self._failed_at < RETRY_SECONDS:
				return None
			for last in (False, True):
				try:
					content = self._running(binary).pdf(html, paper, footer=footer)
					self._failed_at = None
					return content
				except ChromiumError as error:
					self._close()
					if last:
						self._failed_at = time.monotonic()
						frappe.log_error(title="Chromium does not print", message=str(error))
				finally:
					self._watch()
			return None

	def close(self) -> None:
		"""End the browser if there is one."""
		with self._lock:
			self._close()

	def after_fork(self) -> None:
		"""In a child process: the browser is the parent's."""
		if self._chromium:
			self._chromium.forget()
		self.__init__()

	def _running(self, binary: str) -> Chromium:
		if self._chromium and (not self._chromium.alive or self._chromium.printed >= PRINTS_PER_BROWSER):
			self._close()
		if not self._chromium:
			self._chromium = Chromium(binary)
		return self._chromium

	def _close(self) -> None:
		if self._idle:
			self._idle.cancel()
		chromium, self._chromium = self._chromium, None
		if chromium:
			chromium.close()

	def _watch(self) -> None:
		if self._idle:
			self._idle.cancel()
		if self._chromium:
			self._idle = threading.Timer(IDLE_SECONDS, self.close)
			self._idle.daemon = True
			self._idle.start()


_browser = _Browser()
atexit.register(_browser.close)
os.register_at_fork(after_in_child=_browser.after_fork)


def _paper(options: dict) -> Paper:
	size = options.get("page-size") or frappe.db.get_single_value("Print Settings", "pdf_page_size") or "A4"
	width, height = PAPERS.get(size, PAPERS["A4"])
	if size == "Custom":
		width = options.get("page-width") or frappe.db.get_single_value("Print Settings", "pdf_page_width")
		height = options.get("page-height") or frappe.db.get_single_value("Print Settings", "pdf_page_height")
	width, height = _inches(width), _inches(height)
	if str(options.get("orientation", "")).lower() == "landscape":
		width, height = height, width
	margins = [
		_inches(options.get(f"margin-{side}") or DEFAULT_MARGIN)
		for side in ("top", "right", "bottom", "left")
	]
	return Paper(width, height, *margins)


def _inches(length) -> float:
	"""`length` ("15mm", "0.5in"; a bare number is in millimetres) in inches."""
	match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(mm|cm|in|px|pt)?\s*", str(length))
	if not match:
		raise PrintError(_("{0} is not a length of a page: write for example 15mm").format(length))
	return float(match[1]) / INCHES[match[2] or "mm"]


def _footer(inner: str, paper: Paper) -> str:
	"""The footer in a box as wide as the text above; Chromium gives it no styles of the page and a size of zero."""
	if not inner:
		return ""
	style = (
		f"width:100%;box-sizing:border-box;padding:0 {paper.right:.3f}in 0 {paper.left:.3f}in;"
		"font:8pt 'Liberation Sans',Arial,sans-serif;color:#444;text-align:center"
	)
	return f'<div style="{style}">{inner}</div>'


def _file_name(name: str) -> str:
	return re.sub(r"[\\/:*?\"<>|\s]+", "-", name).strip("-") + ".pdf"


def _encrypted(content: bytes, password: str) -> bytes:
	writer = PdfWriter()
	writer.append_pages_from_reader(PdfReader(io.BytesIO(content)))
	writer.encrypt(password)
	with io.BytesIO() as stream:
		writer.write(stream)
		return stream.getvalue()
