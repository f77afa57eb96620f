"""Whoever is refused reads why.

Frappe shows what `frappe.throw` has said. An error that a rule raises by itself comes to the browser as a status and a name, and
the Desk stays silent: the words are put into the answer here, once for all rules.
"""

from __future__ import annotations

import json

import frappe
from frappe.utils.html_utils import sanitize_html

REFUSED = frappe.ValidationError.http_status_code


def tell(response=None, request=None) -> None:
	"""Put the words of the rule that has refused this request into its answer; a hook `after_request`.

	:param response: werkzeug's; left alone unless one of our errors has ended the request without a word.
	"""
	name, words = getattr(frappe.local, "rule24_refusal", None) or ("", "")
	if not words or response is None or response.status_code != REFUSED or not response.is_json:
		return
	# the Desk shows it as HTML, and it may name what somebody has typed; in a tag, or Frappe would let pass what looks like JSON
	words = sanitize_html(f"<span>{words}</span>")
	answer = json.loads(response.get_data())
	if "errors" not in answer:
		# early Frappe 15 names an error that was raised in its traceback only, and only where those are shown
		ended_by = answer.get("exc_type") or answer.get("exception", "").partition(":")[0].rpartition(".")[2]
		if ended_by not in ("", name):
			return
		messages = json.loads(answer.get("_server_messages") or "[]")
		if any(json.loads(message).get("raise_exception") for message in messages):
			return  # said by frappe.throw
		messages.append(json.dumps({"message": words, "indicator": "red", "raise_exception": 1}))
		answer["_server_messages"] = json.dumps(messages)
	else:
		for error in answer["errors"]:  # the second version of the API
			if error.get("type") == name:
				error.setdefault("message", words)
	response.set_data(json.dumps(answer))
