"""Long operations of a campaign: at once when they are small, on the queue when they are not."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import now_datetime

from rule24_crm.exceptions import CampaignError
from rule24_crm.work.campaigns import importing, letters, members

AT_ONCE_BYTES = 120_000  # about 350 companies, some fifteen seconds
AT_ONCE_LETTERS = 50
QUEUE = "long"


def import_members(campaign: str, file_url: str) -> dict:
	"""Import a file that has been uploaded; a large one on the queue.

	:return: `{"queued": True}`, or counts and `report`, the address of the report.
	:raises CampaignError: no such file, or one that the user may not read.
	"""
	content = _content(file_url)
	if len(content) > AT_ONCE_BYTES:
		importing.check_file(campaign, content)
		_enqueue(f"import:{campaign}", _import_job, campaign=campaign, file_url=file_url)
		return {"queued": True}
	return finish_import(
		campaign, importing.import_file(campaign, content, progress=_progress(campaign, _("Importing")))
	)


def finish_import(campaign: str, result: importing.ImportResult) -> dict:
	"""Keep the report at the campaign. :return: counts and the address of the report."""
	report = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"members-{now_datetime():%Y%m%d-%H%M%S}.csv",
			"attached_to_doctype": "Work Campaign",
			"attached_to_name": campaign,
			"is_private": 1,
			"content": result.as_csv(),
		}
	).insert(ignore_permissions=True)  # the right to write to the campaign was checked
	counts = result.counts
	frappe.get_doc("Work Campaign", campaign).add_comment(
		"Info",
		_("imported members: {0} new, {1} known, {2} already on the list, {3} rejected").format(
			counts["created"], counts["found"], counts["already"], counts["rejected"]
		),
	)
	return {
		**counts,
		"report": report.file_url,
		"rejected_rows": [
			{"line": row.line, "reason": "; ".join(row.reasons)}
			for row in result.rows
			if row.state == importing.REJECTED
		][:100],
	}


def send_letters(campaign: str) -> dict:
	"""Send the letters; many of them on the queue.

	:return: `{"queued": True}`, or what `letters.send` returns.
	"""
	# not "!=": a member who has had no letter yet has no state at all
	counts = members.counts(campaign)
	if counts["members"] - counts["letters"] > AT_ONCE_LETTERS:
		letters.check(campaign)
		_enqueue(f"letters:{campaign}", _letters_job, campaign=campaign)
		return {"queued": True}
	return letters.send(campaign)


def _content(file_url: str) -> bytes:
	name = frappe.db.get_value("File", {"file_url": file_url}, "name", order_by="creation desc")
	if not name:
		raise CampaignError(_("The file {0} is not there any more. Upload it again.").format(file_url))
	file = frappe.get_doc("File", name)
	file.check_permission("read")
	# File.get_content() would decode cp1251 as one of the western code pages
	with open(file.get_full_path(), "rb") as stream:
		return stream.read()


def _enqueue(key: str, job, **kwargs):
	frappe.enqueue(
		job,
		queue=QUEUE,
		timeout=4 * 60 * 60,
		job_name=f"rule24_crm:{key}",
		enqueue_after_commit=True,
		user=frappe.session.user,
		**kwargs,
	)


def _import_job(campaign: str, file_url: str, user: str):
	_run(
		campaign,
		user,
		"import",
		lambda: finish_import(
			campaign,
			importing.import_file(
				campaign,
				_content(file_url),
				commit=frappe.db.commit,
				progress=_progress(campaign, _("Importing")),
			),
		),
	)


def _letters_job(campaign: str, user: str):
	_run(
		campaign,
		user,
		"letters",
		lambda: letters.send(
			campaign, commit=frappe.db.commit, progress=_progress(campaign, _("Sending letters"))
		),
	)


def _run(campaign: str, user: str, what: str, work):
	"""Run in a job, and tell whoever started it how it went."""
	try:
		result = work()
		frappe.db.commit()  # the job's own transaction: done before anybody is told
	except Exception as error:
		frappe.db.rollback()
		frappe.log_error(
			title=f"Work Campaign: {what}", reference_doctype="Work Campaign", reference_name=campaign
		)
		frappe.db.commit()  # the log of the error, after the rollback
		result = {"error": str(error)}
	frappe.publish_realtime(
		"rule24_campaign_done", {"campaign": campaign, "what": what, "result": result}, user=user
	)


def _progress(campaign: str, title: str):
	user = frappe.session.user

	def show(done: int, total: int):
		if done % 20 == 0 or done == total:
			frappe.publish_progress(
				done * 100 / total,
				title=title,
				doctype="Work Campaign",
				docname=campaign,
				description=f"{done} / {total}",
			)

	return show if user != "Guest" else None
