"""The seminar of the sources, clicked through: from a list of companies to invoice, contract and attendance.

The head makes a campaign and fills it from a file, letters go out, works are created and planned. A manager closes works
with plus and minus; a lead and a deal arise; invoice and contract are issued; the accountant finds the drafts; the client
comes to the seminar. Everything is done with mouse and keyboard; the database is only looked at.
"""

import csv
import io
from pathlib import Path

import frappe
import pytest
from playwright.sync_api import expect

from rule24_crm.parties.company import default_company
from rule24_crm.setup import demo
from rule24_crm.setup.demo import company, people, seminar
from rule24_crm.tests.e2e.desk import Desk, now

pytestmark = pytest.mark.long

CAMPAIGN = "Seminar in December"
COMPANIES = Path(demo.__file__).with_name("seminar_companies.csv")
HEAD, MANAGER, ACCOUNTANT = people.HEAD, people.MANAGERS[0], "accountant@example.com"
ROWS = 40


@pytest.fixture(scope="module")
def seminar_site(site_as_it_was):
	"""The people, the company and the texts of the demo."""
	before = frappe.db.get_value("Company", default_company(), "*", as_dict=True)
	people.make()
	company.make()
	seminar._outgoing_mail()
	seminar._texts()
	frappe.db.commit()
	frappe.clear_cache()
	yield
	frappe.db.set_value("Company", before.name, {**before, "name": before.name}, update_modified=False)
	frappe.db.commit()
	frappe.clear_cache()


@pytest.fixture
def companies(tmp_path) -> Path:
	"""The first rows of the real list, as somebody cut them out."""
	rows = list(csv.reader(io.StringIO(COMPANIES.read_text(encoding="utf-8-sig"))))
	path = tmp_path / "companies.csv"
	with path.open("w", encoding="utf-8-sig", newline="") as file:
		csv.writer(file).writerows(rows[: ROWS + 1])
	return path


def test_the_seminar_from_list_to_attendance(seminar_site, browser, site_url, companies):
	with Desk(browser, site_url, HEAD, people.PASSWORD) as head:
		prepare(head, companies)
	_prospect, work = first_call()
	with Desk(browser, site_url, MANAGER, people.PASSWORD) as manager:
		refuse(manager)
		letter_makes_a_lead(manager)
		deal = interest_makes_a_deal(manager, work)
		documents(manager, deal)
		attendance(manager, deal)
		assert not manager.errors, manager.errors
	with Desk(browser, site_url, ACCOUNTANT, people.PASSWORD) as accountant:
		drafts(accountant, deal)
	with Desk(browser, site_url, HEAD, people.PASSWORD) as head:
		outcome(head)


def prepare(head: Desk, companies: Path) -> None:
	"""Campaign, members from the file, letters, works, plan."""
	head.open("Workspaces", "Rule24 CRM")
	expect(head.here.get_by_text("My Works Today").first).to_be_visible()
	head.page.evaluate("() => { frappe.new_doc('Work Campaign') }")
	head.page.wait_for_function(
		"() => frappe.get_route()[1] === 'Work Campaign' && frappe.container.page.frm"
	)
	head.settle()
	head.fill("campaign_name", CAMPAIGN)
	head.fill("first_action", "Call")
	head.fill("email_template", seminar.TEMPLATE)
	head.fill("script", seminar.SCRIPT)
	head.fill_row("managers", 1, "user", MANAGER)
	head.fill_row("managers", 2, "user", people.MANAGERS[1])
	head.fill_row("items", 1, "item_code", company.service())
	head.fill_row("items", 1, "rate", "12000")
	head.save()
	assert now("Work Campaign", {}) == [CAMPAIGN]

	head.press("From File")
	head.dialog.locator("input[type=file]").first.set_input_files(str(companies))
	head.press("Upload", head.dialog)
	expect(head.dialog.get_by_text("new clients, on the list now")).to_be_visible()
	head.picture("import")
	head.dismiss()
	members = len(now("Work Campaign Member", {"campaign": CAMPAIGN}))
	assert ROWS * 0.7 <= members <= ROWS

	head.press("Send Letters")
	head.picture("letter")
	head.press("Send to Everybody on the List", head.dialog)
	expect(head.dialog.get_by_text("sent", exact=True)).to_be_visible()
	head.dismiss()
	assert now("Work Campaign Member", {"campaign": CAMPAIGN, "letter_sent_on": ("is", "set")})

	head.press("Create Works")
	assert len(now("Work", {"campaign": CAMPAIGN, "party": ("is", "set")})) == members
	head.press("Plan Works")
	commit = head.dialog.get_by_role("button", name="Commit").first
	expect(commit).to_be_visible()
	head.picture("plan")
	commit.click()
	head.settle()
	shares = [len(now("Work", {"campaign": CAMPAIGN, "assigned_to": user})) for user in people.MANAGERS[:2]]
	assert sum(shares) == members and abs(shares[0] - shares[1]) <= 1


def first_call() -> tuple[str, str]:
	"""A company with requisites, and the manager's call to it."""
	for work in now("Work", {"campaign": CAMPAIGN, "assigned_to": MANAGER, "party_type": "Prospect"}):
		prospect = frappe.db.get_value("Work", work, "party")
		if all(frappe.db.get_value("Prospect", prospect, ["rule24_tax_id", "rule24_ogrn", "rule24_kpp"])):
			return prospect, work
	raise AssertionError("no company of the list has requisites")


def refuse(manager: Desk) -> None:
	"""A minus from the list: a reason and a note are asked for."""
	manager.open("Workspaces", "Rule24 CRM")
	expect(manager.here.get_by_text("My Overdue Works").first).to_be_visible()
	expect(manager.here.locator(".chart-container svg, .frappe-chart").first).to_be_visible()
	manager.page.wait_for_timeout(1500)  # charts grow
	manager.picture("workspace")
	manager.open("List", "Work", "List")
	rows = manager.here.locator(".list-row-container .list-row")
	expect(rows.first).to_be_visible()
	manager.picture("works")
	leads = now(
		"Work", {"campaign": CAMPAIGN, "assigned_to": MANAGER, "party_type": "Lead", "status": "Planned"}
	)
	work = leads[-1]
	subject = frappe.db.get_value("Work", work, "subject")
	manager.fill("subject", subject)
	row = manager.here.locator(".list-row-container").filter(has_text=subject).first
	row.get_by_role("button", name="Close").click()
	manager.settle()
	manager.close_work(
		"Not Interested", note="They train their people themselves", stop_reason="Waiting for the Client"
	)
	assert now("Work", {"name": work}, "sign") == ["Minus"]
	assert not now("Work", {"based_on": work})


def letter_makes_a_lead(manager: Desk) -> None:
	"""From the tab of a company: a letter planned with three clicks, answered, and a lead is there."""
	first, _work = first_call()
	party = next(
		row for row in now("Work", {"assigned_to": MANAGER, "party_type": "Prospect", "status": "Planned"}, "party")
		if row != first
	)  # fmt: skip
	manager.open_form("Prospect", party)
	manager.tab("Works")
	manager.press("+ Work")
	dialog = manager.page.locator(".rule24-quick.show")
	dialog.locator("[data-action='Letter']").click()
	dialog.locator(".rule24-chips button").first.click()
	manager.picture("new-work")
	manager.press("Plan", dialog)
	letter = now("Work", {"party": party, "action": "Letter"})
	assert len(letter) == 1
	manager.here.locator(f"[data-do=close][data-work='{letter[0]}']").click()
	manager.settle()
	manager.close_work("Replied", note="They ask for the programme")
	assert now("Work", {"name": letter[0]}, "sign") == ["Plus"]
	assert now("Prospect", {"name": party}, "rule24_successor_type") == ["Lead"]


def interest_makes_a_deal(manager: Desk, work: str) -> str:
	"""A plus from the form, with the keyboard alone."""
	manager.open_form("Work", work)
	manager.picture("work")
	manager.page.keyboard.press("Alt+r")
	dialog = manager.page.locator(".rule24-closing.show")
	expect(dialog).to_be_visible()
	expect(dialog.locator(".rule24-result").first).to_be_focused()
	manager.page.keyboard.press("1")
	expect(dialog.locator("[data-result='Interested']")).to_have_attribute("aria-checked", "true")
	manager.fill("note", "Two people will come; they ask for invoice and contract", dialog)
	manager.picture("close-dialog")
	manager.page.keyboard.press("Control+Enter")
	expect(dialog).to_be_hidden()
	manager.settle()
	deals = now("Work", {"name": work}, "opportunity")
	assert deals[0]
	assert now("Work", {"opportunity": deals[0], "status": "Planned"}, "action") == ["Issue Documents"]
	return deals[0]


def documents(manager: Desk, deal: str) -> None:
	"""The bar of stages says what is missing; then invoice and contract in one step."""
	manager.open_form("Opportunity", deal)
	stages = manager.here.locator(".rule24-stages")
	expect(stages).to_be_visible()
	stages.locator("[data-stage='Attendance']").click()
	manager.settle()
	expect(manager.dialog.get_by_text("Not Ready for Attendance")).to_be_visible()
	manager.dismiss()
	manager.picture("deal")
	manager.press("Issue Documents")
	manager.picture("issue-documents")
	manager.press("Issue", manager.dialog)
	expect(manager.dialog.get_by_text("Documents Are Issued")).to_be_visible()
	manager.dismiss()
	for doctype in ("Sales Invoice", "Contract"):
		assert now(doctype, {"rule24_opportunity": deal}, "docstatus") == [0], doctype


def attendance(manager: Desk, deal: str) -> None:
	"""Signed, met, came: each closed in the tab of the deal, the stage goes along."""
	for action, result, stage in (
		("Issue Documents", "Documents Signed", "Signing"),
		("Meeting", "Meeting Held", "Attendance"),
		("Attendance", "Came", "Closed Won"),
	):
		work = now("Work", {"opportunity": deal, "action": action, "status": "Planned"})[0]
		manager.open_form("Opportunity", deal)
		manager.tab("Works")
		manager.here.locator(f"[data-do=close][data-work='{work}']").click()
		manager.settle()
		manager.close_work(result)
		assert now("Work", {"name": work}, "sign") == ["Plus"]
		assert now("Opportunity", {"name": deal}, "sales_stage") == [stage]
	manager.open_form("Opportunity", deal)
	manager.tab("Works")
	manager.picture("works-of-deal")
	assert "Closed Won" in now("Deal Stage Change", {"opportunity": deal}, "to_stage")


def drafts(accountant: Desk, deal: str) -> None:
	"""The accountant finds the invoice among the drafts."""
	invoice = now("Sales Invoice", {"rule24_opportunity": deal})[0]
	accountant.open("List", "Sales Invoice", "List")
	row = accountant.here.locator(".list-row-container").filter(
		has_text=frappe.db.get_value("Sales Invoice", invoice, "customer_name")
	)
	expect(row.get_by_text("Draft").first).to_be_visible()
	accountant.picture("drafts")
	accountant.open_form("Sales Invoice", invoice)
	expect(accountant.here.locator(".title-text").first).to_be_visible()


def outcome(head: Desk) -> None:
	"""The ladder of the campaign, and the calendar of its works."""
	head.open_form("Work Campaign", CAMPAIGN)
	head.tab("Ladder")
	expect(head.here.get_by_text("Call").locator("visible=true").first).to_be_visible()
	head.picture("campaign-ladder")
	head.open("List", "Work", "Calendar", "default")
	expect(head.here.locator(".fc-event, .fc-daygrid-event").first).to_be_visible()
	head.picture("calendar")
	head.open("List", "Work", "Kanban", "Works")
	expect(head.here.locator(".kanban-column").first).to_be_visible()
	head.picture("kanban")
	head.open("query-report", "Clients Without Next Work")
	head.picture("without-next-work")
