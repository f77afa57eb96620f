"""A user at the Desk: logging in, filling forms, pressing buttons, as people do it, in headless Chromium."""

import os
import time
from pathlib import Path

import frappe
from playwright.sync_api import Browser, Page, Request, expect

#: repository/docs/images; filled when RULE24_SCREENSHOTS is set
IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
WAIT = 40_000
expect.set_options(timeout=WAIT)


class Desk:
	"""One user's browser window."""

	def __init__(self, browser: Browser, site_url: str, user: str, password: str):
		self.url = site_url
		self.context = browser.new_context(
			viewport={"width": 1440, "height": 900}, timezone_id="Europe/Moscow", locale="en-GB"
		)
		self.page: Page = self.context.new_page()
		self.page.set_default_timeout(WAIT)
		self.errors: list[str] = []
		self.console: list[str] = []
		self.page.on("console", lambda line: line.type == "error" and self.console.append(line.text))
		self.page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack or ''}"))
		self.unanswered: dict[Request, float] = {}
		self.page.on("request", lambda request: self.unanswered.update({request: time.monotonic()}))
		self.page.on("requestfinished", self._answered)
		self.page.on("requestfailed", self._failed)
		try:
			self.log_in(user, password)
		except BaseException:
			self._tell()
			self.context.close()
			raise

	def __enter__(self) -> "Desk":
		return self

	def __exit__(self, kind, _error, _trace) -> None:
		if kind:
			self._tell()
		self.context.close()

	def _answered(self, request: Request) -> None:
		self.unanswered.pop(request, None)

	def _failed(self, request: Request) -> None:
		self._answered(request)
		if request.failure != "net::ERR_ABORTED":  # the page was left meanwhile
			self.console.append(f"{request.failure}: {request.url}")

	def _tell(self) -> None:
		"""What the browser knows of a failure."""
		print("Errors in the browser:", *self.errors, *self.console[-20:], sep="\n")
		now = time.monotonic()
		for request, since in self.unanswered.items():
			print(f"No answer for {now - since:.1f} s: {request.url}")
		self.page.screenshot(path=os.path.join(os.environ.get("RULE24_E2E_LOGS", "/tmp"), "e2e-failure.png"))

	# ---- going places

	def log_in(self, user: str, password: str) -> None:
		self.page.goto(f"{self.url}/login")
		self.page.locator("#login_email").fill(user)
		self.page.locator("#login_password").fill(password)
		self.page.locator(".form-login .btn-login").click()
		# the first page comes from the server on Frappe 16, and would come upon whatever has been opened meanwhile
		self.page.wait_for_function(
			"window.frappe && frappe.boot && frappe.router && frappe.router.current_route && frappe.container.page"
		)
		self.settle()

	def open(self, *route: str) -> None:
		"""Go to a route of the Desk, as a click on a link does."""
		self.page.evaluate("route => { frappe.set_route(route) }", list(route))
		self.page.wait_for_function(
			"route => route.every((part, index) => frappe.get_route()[index] === part)", arg=list(route)
		)
		self.settle()

	def open_form(self, doctype: str, name: str) -> None:
		link = self.page.evaluate(
			"([doctype, name]) => frappe.utils.get_form_link(doctype, name)", [doctype, name]
		)
		self.page.goto(self.url + link)
		self.until_form(doctype, name)

	def until_form(self, doctype: str, name: str) -> None:
		"""Wait until the form is there; the route says so earlier, and a dialog that is open then is taken away."""
		self.page.wait_for_function(
			"""([doctype, name]) => {
				const page = window.frappe && frappe.container && frappe.container.page;
				return page && page.frm && page.frm.doctype === doctype && page.frm.docname === name
					&& page.frm.doc && !page.frm.is_new();
			}""",
			arg=[doctype, name],
		)
		self.settle()

	def settle(self) -> None:
		"""Wait until nothing is on its way to or from the server."""
		self.page.wait_for_timeout(150)
		self.page.wait_for_function("() => !frappe.request.ajax_count && !$('#freeze:visible').length")
		self.page.wait_for_timeout(250)

	@property
	def here(self):
		"""The page that is shown; others stay hidden behind it."""
		return self.page.locator(".page-container:visible")

	@property
	def dialog(self):
		return self.page.locator(".modal.show:visible").last

	# ---- doing things

	def fill(self, fieldname: str, value: str, inside=None) -> None:
		"""Type into a field and leave it; what a Link offers first is taken."""
		box = (inside or self.here).locator(f"[data-fieldname='{fieldname}']:visible").first
		field = box.locator("input:visible, textarea:visible").first
		field.click()
		field.fill(value)
		if box.get_attribute("data-fieldtype") in ("Link", "Dynamic Link"):
			self.page.wait_for_timeout(300)
			self.settle()
			choice = box.locator(".awesomplete [role=option], .awesomplete li").filter(has_text=value).first
			choice.click()
		else:
			field.press("Tab")
		self.settle()

	def fill_row(self, table: str, number: int, fieldname: str, value: str) -> None:
		"""Fill one cell of a table; a missing row is added."""
		grid = self.here.locator(f".frappe-control[data-fieldname='{table}']")
		row = grid.locator(f".grid-row[data-idx='{number}']")
		if not row.count():
			grid.locator(".grid-add-row").click()
		cell = row.locator(f".grid-static-col[data-fieldname='{fieldname}']")
		cell.click()
		field = cell.locator("input:visible").first
		field.fill(value)
		if cell.locator(".awesomplete").count():
			self.page.wait_for_timeout(300)
			self.settle()
			self.page.locator("[role=option]:visible, .awesomplete li:visible").filter(
				has_text=value
			).first.click()
		field.evaluate("field => field.blur()")  # Tab in the last cell would add a row
		self.settle()

	def press(self, label: str, inside=None) -> None:
		"""Press a button by what is written on it."""
		(inside or self.here).get_by_role("button", name=label, exact=True).locator(
			"visible=true"
		).first.click()
		self.settle()

	def save(self) -> None:
		self.here.locator(".page-head .primary-action:visible").click()
		self.settle()
		expect(self.here.locator(".page-head .indicator-pill.orange:has-text('Not Saved')")).to_have_count(0)

	def dismiss(self) -> None:
		"""Close the message on top. While a window is still coming or going, Bootstrap takes no notice of a click on its cross."""
		self.page.wait_for_function(
			"() => !$('.modal').toArray().some((each) => $(each).data('bs.modal')?._isTransitioning)"
		)
		top = self.dialog
		top.locator(".btn-modal-close").first.click()
		expect(top).to_be_hidden()
		self.settle()

	def tab(self, label: str) -> None:
		self.here.locator(".form-tabs .nav-link:visible").filter(has_text=label).first.click()
		self.settle()

	def picture(self, name: str) -> None:
		"""Keep what is on the screen for the documents, if asked to."""
		if os.environ.get("RULE24_SCREENSHOTS"):
			self.page.wait_for_timeout(800)
			self.page.evaluate("$('#alert-container .desk-alert').remove()")  # "Saved" says nothing there
			IMAGES.mkdir(parents=True, exist_ok=True)
			self.page.screenshot(path=str(IMAGES / f"{name}.png"))

	# ---- works

	def close_work(
		self, result: str, note: str | None = None, picture: str | None = None, **next_work: str
	) -> None:
		"""Answer the closing dialog, which is open."""
		dialog = self.page.locator(".rule24-closing.show")
		expect(dialog).to_be_visible()
		dialog.locator(f".rule24-result[data-result='{result}']").click()
		self.settle()
		if note:
			self.fill("note", note, dialog)
		if "stop_reason" in next_work:
			dialog.locator("[data-way='nothing']").click()
			self.fill("stop_reason", next_work["stop_reason"], dialog)
		if picture:
			self.picture(picture)
		dialog.locator(".modal-footer .btn-primary, .modal-header .btn-primary").locator(
			"visible=true"
		).first.click()
		expect(dialog).to_be_hidden()
		self.settle()


def now(doctype: str, filters: dict, field="name", **more):
	"""What the database says at this moment."""
	frappe.db.rollback()
	return frappe.get_all(doctype, filters=filters, pluck=field, order_by="creation, name", **more)
