"""PDFs by Chromium: one browser per process, cut off from network and files, with wkhtmltopdf behind it."""

import contextlib
import http.server
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import unittest.mock

import frappe
from pypdf import PdfReader, PdfWriter

from rule24_crm.exceptions import PrintError
from rule24_crm.printing import pdf
from rule24_crm.printing.chromium import Chromium, ChromiumError, Paper
from rule24_crm.tests.base import CRMTestCase

A4 = Paper(8.27, 11.69, 0.5, 0.5, 0.5, 0.5)
PAGE = "<!DOCTYPE html><html><head><style>{style}</style></head><body><div class='print-format'>{body}</div></body></html>"


def page(body: str, style: str = "") -> str:
	return PAGE.format(body=body, style=style)


def texts_of(content: bytes) -> list[str]:
	"""What each page says, one line each."""
	import pypdfium2

	return [
		" ".join(sheet.get_textpage().get_text_range().split()) for sheet in pypdfium2.PdfDocument(content)
	]


def text_of(content: bytes) -> str:
	return " ".join(texts_of(content))


def pages_of(content: bytes) -> int:
	return len(PdfReader(io.BytesIO(content)).pages)


def processes_of(pid: int) -> list[int]:
	"""Children of a process that are no zombies."""
	found = []
	for entry in os.listdir("/proc"):
		if entry.isdigit():
			try:
				with open(f"/proc/{entry}/stat") as stat:
					fields = stat.read().rsplit(")", 1)[1].split()
			except OSError:
				continue
			if int(fields[1]) == pid and fields[0] != "Z":
				found.append(int(entry))
	return found


class PDFTestCase(CRMTestCase):
	def setUp(self):
		super().setUp()
		if not pdf.chromium_path():
			self.skipTest("no Chromium on this machine")
		self.addCleanup(pdf._browser.close)


class TestRendering(PDFTestCase):
	def test_prints_russian_text(self):
		content = pdf.render(page("<p>Счёт на оплату № 1</p>"))
		self.assertTrue(content.startswith(b"%PDF-"))
		self.assertIn("Счёт на оплату № 1", text_of(content))
		self.assertEqual(pages_of(content), 1)

	def test_one_browser_for_many_prints(self):
		pdf.render(page("one"))
		first = pdf._browser._chromium._process.pid
		self.assertIn("two", text_of(pdf.render(page("two"))))
		self.assertEqual(pdf._browser._chromium._process.pid, first)

	def test_nothing_of_the_print_before(self):
		pdf.render(page("<p>secret</p>" * 500))
		after = pdf.render(page("<p>other</p>"))
		self.assertNotIn("secret", text_of(after))
		self.assertEqual(pages_of(after), 1)

	def test_footer_numbers_pages_of_long_documents_only(self):
		footer = '<div id="footer-html" class="visible-pdf">p <span class="page"></span>/<span class="topage"></span></div>'
		long = text_of(pdf.render(page("<p>line</p>" * 120 + footer)))
		short = text_of(pdf.render(page("<p>line</p>" + footer)))
		self.assertRegex(long, r"p 1 ?/ ?\d")
		self.assertNotRegex(short, r"1 ?/ ?1")

	def test_margins_of_the_format_win(self):
		wide = pages_of(
			pdf.render(page("<p>line</p>" * 60, ".print-format { margin-top: 100mm; margin-bottom: 100mm; }"))
		)
		self.assertGreater(wide, pages_of(pdf.render(page("<p>line</p>" * 60))))

	def test_paper_size_and_orientation(self):
		box = (
			PdfReader(io.BytesIO(pdf.render(page("x"), {"page-size": "A5", "orientation": "Landscape"})))
			.pages[0]
			.mediabox
		)
		self.assertAlmostEqual(float(box.width), 210 / 25.4 * 72, delta=1)
		self.assertAlmostEqual(float(box.height), 148 / 25.4 * 72, delta=1)

	def test_wrong_margin_is_refused_with_words(self):
		with self.assertRaisesWith(PrintError, "wide", "15mm"):
			pdf.render(page("x"), {"margin-top": "wide"})

	def test_password(self):
		reader = PdfReader(io.BytesIO(pdf.render(page("x"), {"password": "s3cret"})))
		self.assertTrue(reader.is_encrypted)
		self.assertTrue(reader.decrypt("s3cret"))

	def test_hidden_and_visible_in_pdf(self):
		text = text_of(pdf.render(page('<p class="hidden-pdf">screen</p><p class="visible-pdf">paper</p>')))
		self.assertNotIn("screen", text)
		self.assertIn("paper", text)

	def test_styles_of_assets_are_inside(self):
		os.makedirs(os.path.join(frappe.local.sites_path, "assets", "rule24_print_test"), exist_ok=True)
		folder = os.path.join(frappe.local.sites_path, "assets", "rule24_print_test")
		self.addCleanup(shutil.rmtree, folder)
		with open(os.path.join(folder, "x.css"), "w") as style:
			style.write(".gone { display: none }")
		html = page("<p class='gone'>hidden words</p><p>seen words</p>").replace(
			"<head>", '<head><link rel="stylesheet" href="/assets/rule24_print_test/x.css">'
		)
		text = text_of(pdf.render(html))
		self.assertNotIn("hidden words", text)
		self.assertIn("seen words", text)


class TestIsolation(PDFTestCase):
	def test_scripts_do_not_run(self):
		text = text_of(
			pdf.render(
				page(
					"<p>a</p><script>document.body.append('ran')</script><img src=x onerror=\"document.body.append('ran')\">"
				)
			)
		)
		self.assertNotIn("ran", text)

	def test_no_request_leaves(self):
		asked = []

		class Handler(http.server.BaseHTTPRequestHandler):
			def do_GET(self):
				asked.append(self.path)
				self.send_response(404)
				self.end_headers()

			def log_message(self, *_args):
				pass

		server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
		self.addCleanup(server.server_close)
		self.addCleanup(server.shutdown)
		threading.Thread(target=server.serve_forever, daemon=True).start()
		at = f"http://127.0.0.1:{server.server_port}"
		body = (
			f'<img src="{at}/img"><iframe src="{at}/frame"></iframe><object data="{at}/object"></object>'
			f'<p style="background: url({at}/css)">x</p><svg><image href="{at}/svg" width="9" height="9"/></svg>'
		)
		self.assertIn(
			"x",
			text_of(
				pdf.render(
					page(
						body,
						f"@import url({at}/import); @font-face {{ font-family: F; src: url({at}/font) }} p {{ font-family: F }}",
					)
				)
			),
		)
		# and past our own filter
		with_browser = Chromium(pdf.chromium_path())
		self.addCleanup(with_browser.close)
		with_browser.pdf(page(body), A4)
		self.assertEqual(asked, [])

	def test_local_files_are_not_read(self):
		browser = Chromium(pdf.chromium_path())
		self.addCleanup(browser.close)
		body = '<iframe src="file:///etc/passwd" width="500" height="500"></iframe><object data="file:///etc/passwd"></object>'
		self.assertNotIn("root:", text_of(browser.pdf(page(body), A4)))

	def test_images_of_others_are_not_printed(self):
		file = frappe.get_doc(
			{"doctype": "File", "file_name": "secret.png", "is_private": 1, "content": b"\x89PNG not really"}
		).insert(ignore_permissions=True)
		from rule24_crm.printing.html import image_source
		from rule24_crm.tests import factories

		self.assertTrue(image_source(file.file_url).startswith("data:image/png;base64,"))
		with self.as_user(factories.make_user().name):
			self.assertEqual(image_source(file.file_url), file.file_url)

	def test_no_way_out_of_assets(self):
		from rule24_crm.printing.html import image_source

		for src in (
			"/assets/../site_config.png",
			"/assets/%2e%2e/x.png",
			"http://elsewhere.example/files/x.png",
		):
			self.assertEqual(image_source(src), src)


class TestLife(PDFTestCase):
	def test_dead_browser_is_replaced(self):
		pdf.render(page("one"))
		dead = pdf._browser._chromium._process
		dead.kill()
		dead.wait()
		self.assertIn("two", text_of(pdf.render(page("two"))))
		self.assertNotEqual(pdf._browser._chromium._process.pid, dead.pid)

	def test_browser_that_dies_unseen_is_replaced(self):
		pdf.render(page("one"))
		browser = pdf._browser._chromium
		os.close(browser._write_end)
		browser._write_end = os.open("/dev/full", os.O_WRONLY)
		self.assertIn("two", text_of(pdf.render(page("two"))))
		self.assertIsNot(pdf._browser._chromium, browser)

	def test_child_of_a_fork_has_its_own(self):
		pdf.render(page("parent"))
		parent = pdf._browser._chromium._process.pid
		read_end, write_end = os.pipe()
		child = os.fork()
		if not child:
			code = 1
			try:
				ok = "child" in text_of(pdf.render(page("child")))
				ok = ok and pdf._browser._chromium._process.pid != parent
				os.write(write_end, b"1" if ok else b"0")
				code = 0
			finally:
				pdf._browser.close()
				os._exit(code)
		os.close(write_end)
		with os.fdopen(read_end, "rb") as answer:
			self.assertEqual(answer.read(), b"1")
		os.waitpid(child, 0)
		self.assertIn("again", text_of(pdf.render(page("again"))))
		self.assertEqual(pdf._browser._chromium._process.pid, parent)

	def test_ends_with_its_process_even_a_killed_one(self):
		for end in ("pass", "import signal, os; os.kill(os.getpid(), signal.SIGKILL)"):
			with self.subTest(end=end):
				self._run_and_end(end)

	def _run_and_end(self, end: str):
		script = textwrap.dedent(f"""
			import sys
			from rule24_crm.printing.chromium import Chromium, Paper
			browser = Chromium({pdf.chromium_path()!r})
			browser.pdf("<p>x</p>", Paper(8.27, 11.69, 1, 1, 1, 1))
			print(browser._process.pid, flush=True)
			{end}
		""")
		environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
		process = subprocess.run(
			[sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=60
		)
		self.assertTrue(process.stdout.strip(), process.stderr)
		pid = int(process.stdout)
		deadline = time.monotonic() + 10
		while os.path.exists(f"/proc/{pid}") and _runs(pid) and time.monotonic() < deadline:
			time.sleep(0.05)
		self.assertFalse(_runs(pid), "Chromium outlived its process")

	def test_threads_wait_for_each_other(self):
		results = {}

		def work(number):
			# another thread has no site: only the browser is shared, so only it is used here
			results[number] = pdf._browser.pdf(page(f"number {number}"), A4, "")

		path = pdf.chromium_path()
		with unittest.mock.patch.object(pdf, "chromium_path", lambda: path):
			threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
			for thread in threads:
				thread.start()
			for thread in threads:
				thread.join(60)
		self.assertEqual(
			{number: text_of(content).strip() for number, content in results.items()},
			{n: f"number {n}" for n in range(6)},
		)

	def test_idle_browser_is_closed(self):
		with unittest.mock.patch.object(pdf, "IDLE_SECONDS", 0.2):
			pdf.render(page("x"))
			process = pdf._browser._chromium._process
			process.wait(10)
		self.assertIsNone(pdf._browser._chromium)
		self.assertIn("again", text_of(pdf.render(page("again"))))

	def test_close_leaves_no_process(self):
		before = set(processes_of(os.getpid()))
		pdf.render(page("x"))
		self.assertGreater(set(processes_of(os.getpid())), before)
		pdf._browser.close()
		self.assertEqual(set(processes_of(os.getpid())), before)

	def test_program_that_is_no_browser(self):
		with self.assertRaises(ChromiumError):
			Chromium(shutil.which("true"))
		with self.assertRaises(ChromiumError):
			Chromium("/nowhere/chromium")

	def test_hanging_browser_is_given_up_and_ended(self):
		browser = Chromium(pdf.chromium_path())
		self.addCleanup(browser.close)
		group = browser._process.pid
		os.killpg(group, signal.SIGSTOP)
		with (
			unittest.mock.patch("rule24_crm.printing.chromium.PRINT_SECONDS", 0.3),
			self.assertRaises(ChromiumError),
		):
			browser.pdf(page("x"), A4)
		browser.close()
		deadline = time.monotonic() + 10
		while _group_runs(group) and time.monotonic() < deadline:
			time.sleep(0.05)
		self.assertFalse(_group_runs(group), "a stopped browser was left behind")


class TestFallback(CRMTestCase):
	def setUp(self):
		super().setUp()
		if not shutil.which("wkhtmltopdf"):
			self.skipTest("no wkhtmltopdf on this machine")

	def test_switched_off_prints_by_wkhtmltopdf(self):
		with _config(rule24_chromium="off"):
			self.assertIsNone(pdf.by_chromium(page("x")))
			content = pdf.render(page("<p>Счёт</p>"))
		self.assertIn("Счёт", text_of(content))

	def test_broken_browser_falls_back_and_is_not_tried_again_at_once(self):
		self.addCleanup(pdf._browser.__init__)
		folder = pathlib.Path(tempfile.mkdtemp())
		self.addCleanup(shutil.rmtree, folder)
		broken, starts = folder / "browser", folder / "starts"
		broken.write_text(f"#!/bin/sh\necho again >> '{starts}'\nexit 1\n")
		broken.chmod(0o755)
		with _config(rule24_chromium=str(broken)):
			self.assertIn("first", text_of(pdf.render(page("first"))))
			before = starts.read_text()
			self.assertTrue(before)
			self.assertIsNone(pdf.by_chromium(page("second")))
			self.assertEqual(starts.read_text(), before)
		self.assertTrue(frappe.db.exists("Error Log", {"method": "Chromium does not print"}))

	def test_no_program_at_all(self):
		with (
			_config(rule24_chromium="off"),
			unittest.mock.patch.object(pdf.shutil, "which", lambda _name: None),
		):
			with self.assertRaisesWith(PrintError, "Chromium", "wkhtmltopdf"):
				pdf.render(page("x"))


class TestHook(PDFTestCase):
	def test_only_for_chrome(self):
		self.assertIsNone(pdf.for_print(html=page("x"), pdf_generator="wkhtmltopdf"))
		self.assertIn("x", text_of(pdf.for_print(html=page("x"), pdf_generator="chrome")))

	def test_adds_to_a_writer(self):
		writer = PdfWriter()
		self.assertIs(pdf.for_print(html=page("one"), pdf_generator="chrome", output=writer), writer)
		pdf.for_print(html=page("two"), pdf_generator="chrome", output=writer)
		self.assertEqual(len(writer.pages), 2)


def _runs(pid: int) -> bool:
	try:
		with open(f"/proc/{pid}/stat") as stat:
			return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
	except OSError:
		return False


def _group_runs(group: int) -> bool:
	for entry in os.listdir("/proc"):
		if entry.isdigit():
			with contextlib.suppress(OSError), open(f"/proc/{entry}/stat") as stat:
				fields = stat.read().rsplit(")", 1)[1].split()
				if int(fields[2]) == group and fields[0] != "Z":
					return True
	return False


def _config(**values):
	return unittest.mock.patch.dict(frappe.local.conf, values)
