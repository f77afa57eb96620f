"""What makes an import create clients one by one: each reason is found, and said in words that name it."""

from unittest.mock import patch

import frappe

from rule24_crm import hooks
from rule24_crm.api import imports as api
from rule24_crm.compat import cache
from rule24_crm.parties.importing import fast_path
from rule24_crm.tests.base import CRMTestCase
from rule24_crm.tests.test_party_import import fresh, make_import

#: what the handler of another app has seen
heard = []
KINDS = {"Customer", "Lead", "Prospect"}


def shout(doc, method=None):
	"""A handler as another app would have one."""
	heard.append((doc.doctype, doc.name, method))


class FastPathCase(CRMTestCase):
	def said(self, *kinds: str) -> str:
		return "\n".join(fast_path.obstacles(set(kinds) or KINDS))

	def make(self, doctype: str, **values):
		"""A rule of the site; what Frappe has kept of such rules is forgotten with it."""
		doc = frappe.get_doc({"doctype": doctype, **values})
		doc.flags.ignore_links = True
		doc.insert()
		self.forget_rules()
		self.addCleanup(self.forget_rules)
		return doc

	def forget_rules(self):
		frappe.clear_cache(doctype="Customer")
		for key in (
			"notifications",
			"webhooks",
			"server_script_map",
			"assignment_rule",
			"milestone_tracker_map",
		):
			cache().delete_value(key)


class TestRulesOfTheSite(FastPathCase):
	def test_a_plain_site_has_none(self):
		self.assertEqual(self.said(), "")

	def test_a_webhook(self):
		hook = self.make(
			"Webhook",
			name="Наружу",
			webhook_doctype="Contact",
			webhook_docevent="after_insert",
			request_url="http://127.0.0.1:9/x",
			request_method="POST",
			enabled=1,
		)
		self.assertEqual(self.said("Prospect"), f"Webhook {hook.name} looks at every new Contact.")
		hook.db_set("enabled", 0)
		self.assertEqual(self.said(), "")

	def test_a_server_script(self):
		with patch.dict(frappe.conf, server_script_enabled=1):
			script = self.make(
				"Server Script",
				name="Имя заглавными",
				script_type="DocType Event",
				reference_doctype="Lead",
				doctype_event="Before Insert",
				script="doc.fax = '1'",
			)
			self.assertEqual(self.said("Lead"), "Server Script Имя заглавными looks at every new Lead.")
			self.assertEqual(self.said("Customer", "Prospect"), "")
		script.db_set("disabled", 1)
		self.assertEqual(self.said(), "")

	def test_a_workflow(self):
		for state in ("Новый", "Готовый"):
			self.make("Workflow State", workflow_state_name=state)
		self.make("Workflow Action Master", workflow_action_name="Готово")
		self.make(
			"Workflow",
			workflow_name="Приём клиента",
			document_type="Customer",
			is_active=1,
			workflow_state_field="website",  # one that is there: a new one would end the transaction
			states=[
				{"state": state, "doc_status": "0", "allow_edit": "Sales User"}
				for state in ("Новый", "Готовый")
			],
			transitions=[
				{"state": "Новый", "action": "Готово", "next_state": "Готовый", "allowed": "Sales User"}
			],
		)
		self.assertIn("Workflow Приём клиента looks at every new Customer.", self.said("Customer"))
		self.assertEqual(self.said("Prospect"), "")

	def test_an_assignment_rule(self):
		self.make(
			"Assignment Rule",
			name="Новые лиды",
			document_type="Lead",
			description="x",
			assign_condition="1",
			rule="Round Robin",
			users=[{"user": "Administrator"}],
			assignment_days=[{"day": "Monday"}],
		)
		self.assertEqual(self.said("Lead"), "Assignment Rule Новые лиды looks at every new Lead.")

	def test_a_notification(self):
		notification = self.make(
			"Notification",
			name="Новый адрес",
			subject="x",
			document_type="Address",
			event="New",
			channel="System Notification",
			recipients=[{"receiver_by_role": "Sales Manager"}],
			message="x",
		)
		self.assertEqual(self.said(), "Notification Новый адрес looks at every new Address.")
		notification.db_set("enabled", 0)
		self.assertEqual(self.said(), "")

	def test_a_milestone_tracker(self):
		tracker = self.make("Milestone Tracker", document_type="Lead", track_field="status")
		self.assertEqual(self.said("Lead"), f"Milestone Tracker {tracker.name} looks at every new Lead.")

	def test_a_naming_rule(self):
		rule = self.make(
			"Document Naming Rule", document_type="Customer", prefix="К-", prefix_digits=5, priority=1
		)
		self.assertEqual(
			self.said("Customer"), f"Document Naming Rule {rule.name} looks at every new Customer."
		)

	def test_a_naming_of_its_own(self):
		self.make(
			"Property Setter",
			doctype_or_field="DocType",
			doc_type="Address",
			property="autoname",
			property_type="Data",
			value="hash",
		)
		self.addCleanup(frappe.clear_cache, doctype="Address")
		self.assertEqual(self.said("Customer"), "Address has a naming of its own.")

	def test_a_field_that_takes_its_value_elsewhere(self):
		self.make(
			"Property Setter",
			doctype_or_field="DocField",
			doc_type="Customer",
			field_name="website",
			property="fetch_from",
			property_type="Small Text",
			value="default_bank_account.bank",
		)
		self.assertEqual(
			self.said("Customer"), "The field Website of Customer takes its value from another record."
		)

	def test_so_does_a_field_of_a_row(self):
		self.make(
			"Property Setter",
			doctype_or_field="DocField",
			doc_type="Party Segment",
			field_name="segment",
			property="fetch_from",
			property_type="Small Text",
			value="segment.name",
		)
		self.addCleanup(frappe.clear_cache, doctype="Party Segment")
		self.assertEqual(
			self.said("Lead"),
			"The field Market Segment of Party Segment takes its value from another record.",
		)

	def test_a_loyalty_program_and_a_user_who_follows(self):
		frappe.db.set_value("User", "Administrator", "follow_created_documents", 1)
		self.assertEqual(self.said(), "Your user follows every document it creates.")
		if not frappe.db.table_exists("Loyalty Program"):
			return
		doc = frappe.get_doc({"doctype": "Loyalty Program", "loyalty_program_name": "Все", "auto_opt_in": 1})
		doc.name = "Все"
		doc.db_insert()
		self.assertIn("A loyalty program takes in every new customer.", self.said("Customer"))
		self.assertNotIn("loyalty", self.said("Lead"))


class TestOtherApps(FastPathCase):
	def with_hooks(self, **given):
		"""An app `shouting` that hooks these on; of our own hooks everything stays as it is."""
		plain = frappe.get_hooks

		def get_hooks(hook=None, default="_KEEP_DEFAULT_LIST", app_name=None):
			found = plain(hook, default, app_name)
			if hook in given:
				return {**(found or {}), **given[hook]} if isinstance(given[hook], dict) else given[hook]
			return found

		return patch.object(frappe, "get_hooks", get_hooks)

	def test_events_of_a_document(self):
		events = frappe.get_doc_hooks()
		for doctype, event, kind in (
			("Customer", "after_insert", "Customer"),
			("Lead", "validate", "Lead"),
			("Contact", "on_update", "Prospect"),
			("Bank Account", "before_insert", "Customer"),
		):
			foreign = {**events, doctype: {event: ["shouting.handlers.shout"]}}
			with patch.object(frappe, "get_doc_hooks", lambda foreign=foreign: foreign):
				self.assertIn(
					f"The app shouting does something of its own with every new {doctype}.", self.said(kind)
				)

	def test_events_of_every_document(self):
		events = frappe.get_doc_hooks()
		everywhere = {**events.get("*", {}), "on_change": ["shouting.handlers.shout"]}
		with patch.object(frappe, "get_doc_hooks", lambda: {**events, "*": everywhere}):
			self.assertIn(
				"The app shouting does something of its own with every new Lead.", self.said("Lead")
			)

	def test_a_handler_hears_of_every_client_and_the_import_says_so(self):
		events = frappe.get_doc_hooks()
		handler = f"{__name__}.shout"
		after = [*events["Lead"]["after_insert"], handler]
		foreign = {**events, "Lead": {**events["Lead"], "after_insert": after}}
		heard.clear()
		doc = make_import(create_as="Lead")
		with patch.object(frappe, "get_doc_hooks", lambda: foreign):
			api.create(doc.name)
		self.assertEqual(fresh(doc).rows_created, 5)
		made = frappe.get_all(
			"Party Import Row", {"party_import": doc.name, "state": "Created"}, pluck="party"
		)
		self.assertEqual(sorted(heard), sorted(("Lead", name, "after_insert") for name in made))
		self.assertEqual(doc.slow_reason, "The app rule24_crm does something of its own with every new Lead.")
		self.assertEqual(api.state(doc.name)["slow_reason"], doc.slow_reason)

	def test_a_class_of_its_own(self):
		with self.with_hooks(override_doctype_class={"Contact": ["shouting.contact.Contact"]}):
			self.assertEqual(self.said("Prospect"), "An app has changed how Contact works.")
		with self.with_hooks(extend_doctype_class={"Lead": ["shouting.lead.Louder"]}):
			self.assertEqual(self.said("Lead"), "An app has changed how Lead works.")
			self.assertEqual(self.said("Customer"), "")

	def test_an_index_of_its_own(self):
		with self.with_hooks(sqlite_search=["shouting.search.Search"]):
			self.assertEqual(self.said("Lead"), "An app keeps an index of its own for searching.")

	def test_every_handler_of_this_app_is_known(self):
		ours = {
			handler
			for kind in fast_path.DOCTYPES.values()
			for doctype in kind
			for event, handlers in hooks.doc_events.get(doctype, {}).items()
			if event in fast_path.EVENTS
			for handler in ([handlers] if isinstance(handlers, str) else handlers)
		}
		self.assertEqual(ours - fast_path.KNOWN, set())
