"""Letters of ours in the timelines of records."""

import frappe


def note_sent(
	*, subject: str, content: str, sender: str | None, recipient: str, about: tuple[str, str], **more
):
	"""Keep a letter that is about to be sent, as Frappe keeps one that is written in a form.

	The caller has checked that the user may send it: who writes a Communication by hand needs rights of his own.

	:param sender: e-mail address; empty: the outgoing account's.
	:param recipient: e-mail address.
	:param about: kind and name of the record in whose timeline it stands.
	:param more: other fields of a Communication.
	:return: the Communication.
	"""
	return frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Email",
			"sent_or_received": "Sent",
			"subject": subject,
			"content": content,
			"sender": sender,
			"recipients": recipient,
			"reference_doctype": about[0],
			"reference_name": about[1],
			**more,
		}
	).insert(ignore_permissions=True)  # see above
