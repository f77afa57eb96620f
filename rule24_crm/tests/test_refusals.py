"""The words of a refusal come to the browser, whether the rule throws or raises."""

import json

import frappe
from werkzeug.wrappers import Response

from rule24_crm import refusals
from rule24_crm.exceptions import PartyImportError, WorkError
from rule24_crm.tests.base import CRMTestCase


class TestRefusals(CRMTestCase):
	def setUp(self):
		super().setUp()
		frappe.local.rule24_refusal = None

	def answer(self, status: int = 417, **body) -> dict:
		response = Response(json.dumps(body), status=status, mimetype="application/json")
		refusals.tell(response=response, request=None)
		return json.loads(response.get_data())

	def messages(self, **body) -> list[str]:
		return [
			json.loads(each)["message"]
			for each in json.loads(self.answer(**body).get("_server_messages", "[]"))
		]

	def test_an_error_that_is_raised_is_told(self):
		PartyImportError("Пауза")
		self.assertEqual(self.messages(exception="a.PartyImportError: Пауза"), ["<span>Пауза</span>"])
		self.assertEqual(self.messages(), ["<span>Пауза</span>"])
		said = json.dumps([json.dumps({"message": "Сохранено"})])
		self.assertEqual(self.messages(exc_type="PartyImportError"), ["<span>Пауза</span>"])
		self.assertEqual(
			self.messages(exc_type="PartyImportError", _server_messages=said),
			["Сохранено", "<span>Пауза</span>"],
		)
		found = self.answer(errors=[{"type": "PartyImportError"}])
		self.assertEqual(found["errors"], [{"type": "PartyImportError", "message": "<span>Пауза</span>"}])

	def test_nothing_that_somebody_has_typed_is_run(self):
		PartyImportError("«<img src=x onerror=alert(1)>» of <strong>Name</strong><script>alert(2)</script>")
		(told,) = self.messages(exc_type="PartyImportError")
		self.assertNotRegex(told, "onerror|<script")
		self.assertIn("<strong>Name</strong>", told)

	def test_what_was_thrown_is_not_told_twice(self):
		WorkError("Нельзя")
		said = json.dumps([json.dumps({"message": "Нельзя", "raise_exception": 1})])
		self.assertEqual(self.messages(exc_type="WorkError", _server_messages=said), ["Нельзя"])

	def test_an_error_that_was_caught_is_nobodys_business(self):
		PartyImportError("Пауза")
		self.assertEqual(self.messages(exc_type="MandatoryError"), [])
		self.assertEqual(self.messages(exception="frappe.exceptions.MandatoryError: x: y"), [])
		self.assertEqual(self.answer(200, message=1), {"message": 1})
		frappe.local.rule24_refusal = None
		self.assertEqual(self.messages(exc_type="PartyImportError"), [])
