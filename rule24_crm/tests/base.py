"""The base of all tests that need a site: users, and everything rolled back after each test."""

from contextlib import contextmanager
from unittest import mock

import frappe
from frappe.cache_manager import clear_doctype_map
from frappe.tests.utils import FrappeTestCase

from rule24_crm.compat import cache

#: of these a test may have made an Assignment Rule, which Frappe would remember past the rollback
ASSIGNED = ("Contact", "Customer", "Lead", "Opportunity", "Prospect", "Work")


class CRMTestCase(FrappeTestCase):
	"""Each test runs as Administrator in a transaction of its own, which is rolled back."""

	def setUp(self):
		super().setUp()
		frappe.set_user("Administrator")
		frappe.local.lang = "en"
		frappe.clear_messages()
		frappe.db.savepoint("rule24_test")
		self.addCleanup(self._roll_back)

	def _roll_back(self):
		frappe.set_user("Administrator")
		frappe.db.rollback()
		frappe.db.value_cache.clear()  # early 15 keeps values of the rolled-back transaction here
		# documents cached during the test are gone; the metadata is not, and is expensive to read again
		cache().delete_keys("document_cache")
		self._forget_rules()
		frappe.local.document_cache = {}

	def _forget_rules(self):
		for doctype in ASSIGNED:
			clear_doctype_map("Assignment Rule", doctype)

	@contextmanager
	def as_user(self, user: str):
		"""Run the block as `user`, then go back."""
		before = frappe.session.user
		frappe.set_user(user)
		try:
			yield
		finally:
			frappe.set_user(before)

	@contextmanager
	def settings(self, **values):
		"""Set values of Rule24 CRM Settings for the block."""
		doc = frappe.get_doc("Rule24 CRM Settings")
		before = {key: doc.get(key) for key in values}
		_set_single(values)
		try:
			yield
		finally:
			_set_single(before)

	@contextmanager
	def asked_of_the_database(self):
		"""A list that takes what the block asks: (text of the query, number of rows in the answer)."""
		asked, ask = [], frappe.local.db.sql

		def listen(query, *args, **kwargs):
			answer = ask(query, *args, **kwargs)
			asked.append((str(query), len(answer) if isinstance(answer, list | tuple) else 0))
			return answer

		with mock.patch.object(frappe.local.db, "sql", listen):
			yield asked

	def assertRaisesWith(self, exception, *words):
		"""As `assertRaises`, and the message must contain each of `words`."""
		return _Raises(self, exception, words)

	def assertMessage(self, *words):
		"""The last message shown to the user must contain each of `words`."""
		text = frappe.as_json(
			frappe.get_message_log() if hasattr(frappe, "get_message_log") else frappe.local.message_log
		)
		for word in words:
			self.assertIn(word, text)


class _Raises:
	def __init__(self, case, exception, words):
		self.case, self.exception, self.words = case, exception, words

	def __enter__(self):
		return self

	def __exit__(self, kind, error, _trace):
		if kind is None:
			self.case.fail(f"{self.exception.__name__} was not raised")
		if not issubclass(kind, self.exception):
			return False
		self.error = error
		for word in self.words:
			self.case.assertIn(str(word), str(error))
		frappe.clear_messages()
		return True


def _set_single(values: dict) -> None:
	for key, value in values.items():
		frappe.db.set_single_value("Rule24 CRM Settings", key, value)
	frappe.clear_document_cache("Rule24 CRM Settings", "Rule24 CRM Settings")
