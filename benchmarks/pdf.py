"""A PDF of an invoice by the persistent Chromium, against Frappe's stock wkhtmltopdf on the same page.

wkhtmltopdf fetches the styles from a web server, as it does in production; here it is a static one on loopback, which
answers faster than a busy Frappe would.
"""

import functools
import http.server
import os
import threading
from contextlib import contextmanager

import frappe
from frappe.utils.pdf import get_pdf

from benchmarks.harness import Ratio, Side, interleaved
from rule24_crm.printing import pdf
from rule24_crm.tests import printing_scene as scene

FORMAT = "Rule24 Payment Invoice"
PRINTS = 5


def measure() -> list[Ratio]:
	"""See the module. Nothing where Chromium or wkhtmltopdf is absent."""
	if not pdf.chromium_path() or not pdf.shutil.which("wkhtmltopdf"):
		print("  skipped: Chromium and wkhtmltopdf are both needed")
		return []
	scene.company()
	documents = {
		"one row": scene.invoice(taxes=[scene.vat(22)]),
		"60 rows, three pages": scene.invoice(items=scene.rows(60), taxes=[scene.vat(22)]),
	}
	with _assets():
		return [ratio for title, doc in documents.items() for ratio in _compare(title, doc)]


def _compare(title: str, doc) -> list[Ratio]:
	def page() -> str:
		frappe.local.form_dict = frappe._dict()
		return frappe.get_print(doc.doctype, doc.name, FORMAT, no_letterhead=1)

	html = page()
	times = interleaved(
		{
			"chromium": Side(lambda: [pdf.by_chromium(html) for _ in range(PRINTS)], units=PRINTS),
			"wkhtmltopdf": Side(lambda: get_pdf(html)),
			"chromium, page and all": Side(
				lambda: [pdf.by_chromium(page()) for _ in range(PRINTS)], units=PRINTS
			),
			"wkhtmltopdf, page and all": Side(lambda: get_pdf(page())),
		}
	)
	return [
		_ratio(f"PDF of an invoice of {title}, HTML ready: wkhtmltopdf / ours", times, ""),
		_ratio(
			f"PDF of an invoice of {title}, HTML made as well: wkhtmltopdf / ours", times, ", page and all"
		),
	]


def _ratio(title: str, times: dict[str, float], kind: str) -> Ratio:
	stock, ours = times[f"wkhtmltopdf{kind}"], times[f"chromium{kind}"]
	return Ratio(title, stock / ours, 2, True, detail=f"{ours * 1000:.0f} ms against {stock * 1000:.0f} ms")


@contextmanager
def _assets():
	"""The site's assets at an address that wkhtmltopdf can reach."""
	handler = functools.partial(_Quiet, directory=os.path.abspath(frappe.local.sites_path))
	server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	before = frappe.local.conf.get("host_name")
	frappe.local.conf.host_name = f"http://127.0.0.1:{server.server_port}"
	try:
		yield
	finally:
		frappe.local.conf.host_name = before
		server.shutdown()
		server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
	def log_message(self, *_args):
		pass
