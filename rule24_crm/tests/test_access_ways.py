"""Ways to a foreign client beside its own list and form: children, files, search, reports, numbers, links, endpoints."""

import inspect

import frappe
from frappe.model.db_query import DatabaseQuery

from rule24_crm.compat import FRAPPE_MAJOR
from rule24_crm.parties import participants
from rule24_crm.parties.access import links
from rule24_crm.parties.access.registry import ABOUT, CHILD_TABLES, RULES
from rule24_crm.rule24_crm.dashboard_chart_source.deals_by_stage import deals_by_stage
from rule24_crm.rule24_crm.report.clients_without_next_work import clients_without_next_work
from rule24_crm.tests import access_ways as ways
from rule24_crm.tests import factories as make
from rule24_crm.tests.access_scene import WORD
from rule24_crm.tests.test_access_matrix import BY_SEGMENT, DOCTYPES, AccessCase

ASK = {"access": "By Segment"}
_ENTRIES = "erpnext.accounts.doctype.journal_entry.journal_entry"
_PREVIEWS = "erpnext.controllers.stock_controller"
_ORDERS = "erpnext.selling.doctype.sales_order.sales_order"
#: what ERPNext tells about a document to whoever knows its name: DocType -> function -> arguments, None is the name
PAPERS_ARE_TOLD_BY = {
	"Sales Invoice": {
		f"{_ENTRIES}.get_payment_entry_against_invoice": {"dt": "Sales Invoice", "dn": None},
		"erpnext.accounts.doctype.payment_entry.payment_entry.get_reference_details": {
			"reference_doctype": "Sales Invoice",
			"reference_name": None,
			"party_account_currency": "RUB",
		},
		"erpnext.accounts.doctype.sales_invoice.sales_invoice.create_invoice_discounting": {
			"source_name": None
		},
		f"{_PREVIEWS}.show_accounting_ledger_preview": {
			"company": make.COMPANY,
			"doctype": "Sales Invoice",
			"docname": None,
		},
		f"{_PREVIEWS}.show_stock_ledger_preview": {
			"company": make.COMPANY,
			"doctype": "Sales Invoice",
			"docname": None,
		},
	},
	"Sales Order": {
		"erpnext.assets.doctype.asset.asset.get_values_from_purchase_doc": {
			"purchase_doc_name": None,
			"item_code": "x",
			"doctype": "Sales Order",
		},
		f"{_ENTRIES}.get_payment_entry_against_order": {"dt": "Sales Order", "dn": None},
		"erpnext.manufacturing.doctype.production_plan.production_plan.get_so_details": {"sales_order": None},
		f"{_ORDERS}.get_work_order_items": {"sales_order": None},
		f"{_ORDERS}.close_or_unclose_sales_orders": {"names": None, "status": "Closed"},
	},
}


def signed_in(path: str, **arguments) -> None:
	"""What Frappe runs with a request once it knows who asks."""
	frappe.local.form_dict = frappe._dict(arguments)
	frappe.local.request = frappe._dict(path=path, method="GET", headers={})
	for hook in frappe.get_hooks("auth_hooks"):
		frappe.get_attr(hook)()


class TestAccessWays(AccessCase):
	def name(self, doctype: str, relation: str = "foreign") -> str:
		return self.scene.records[doctype][relation]

	def as_manager(self):
		return self.as_user(self.scene.manager)

	def test_switching_access_on_opens_only_what_was_assigned_by_right(self):
		lead, own = self.name("Lead"), self.name("Lead", "own")
		for name, user in ((lead, self.scene.manager), (own, self.scene.subordinate)):
			todo = {
				"doctype": "ToDo",
				"description": WORD,
				"allocated_to": user,
				"assigned_by": self.scene.manager,
			}
			with self.settings(**ASK), self.as_manager():
				frappe.get_doc({**todo, "reference_type": "Lead", "reference_name": name}).insert()
		frappe.db.delete("DocShare", {"share_doctype": "Lead", "share_name": ("in", (lead, own))})
		with self.settings(**ASK):
			participants.let_assignees_in()
			self.assertFalse(frappe.db.exists("DocShare", {"share_name": lead, "user": self.scene.manager}))
			self.assertTrue(frappe.db.exists("DocShare", {"share_name": own, "user": self.scene.subordinate}))

	def test_links_are_not_expanded(self):
		requests = (
			({"expand_links": "1"}, "/api/resource/Work/x"),
			({"expand": '["party"]'}, "/api/resource/Work"),
			({"expand": '["party"]'}, "/api/method/frappe.client.get_list"),
			({"expand": '["party"]', "cmd": "frappe.client.get_list"}, "/"),
		)
		for arguments, path in requests:
			with self.settings(**ASK):
				with self.as_manager(), self.assertRaises(frappe.PermissionError):
					signed_in(path, **arguments)
				with self.as_user(self.scene.head):
					signed_in(path, **arguments)
		with self.settings(**ASK), self.as_manager():
			signed_in("/api/method/another_app.api.tree", expand="1")

	def test_erpnexts_own_endpoints_ask_for_rights(self):
		lead, customer = self.name("Lead"), self.name("Customer")
		payment = "erpnext.accounts.doctype.payment_entry.payment_entry"
		party = {"party_type": "Customer", "party": customer, "company": "X"}
		of_lead = {"ref_doctype": "Lead", "docname": lead}
		contact = self.name("Contact")
		endpoints = {
			"erpnext.accounts.doctype.process_statement_of_accounts.process_statement_of_accounts.get_customer_emails": {
				"customer_name": customer,
				"primary_mandatory": 0,
			},
			"erpnext.accounts.doctype.loyalty_program.loyalty_program.get_loyalty_program_details": {
				"customer": customer,
				"loyalty_program": "x",
			},
			"erpnext.accounts.party.get_due_date": {**party, "posting_date": "2026-01-01"},
			"erpnext.accounts.party.get_payment_terms_template": {
				"party_name": customer,
				"party_type": "Customer",
			},
			"erpnext.accounts.doctype.tax_rule.tax_rule.get_party_details": party,
			"erpnext.stock.doctype.delivery_trip.delivery_trip.get_contact_display": {"contact": contact},
			"erpnext.stock.doctype.shipment.shipment.get_address_name": of_lead,
			"erpnext.stock.doctype.shipment.shipment.get_contact_name": of_lead,
			"frappe.core.doctype.sms_settings.sms_settings.get_contact_number": {
				"contact_name": contact,
				"ref_doctype": "Lead",
				"ref_name": lead,
			},
			f"{payment}.get_outstanding_reference_documents": {"args": frappe.as_json(party)},
			f"{payment}.get_party_details": {**party, "date": "2026-01-01"},
			"erpnext.accounts.party.get_party_details": {"party": customer, "ignore_permissions": 1},
			"erpnext.crm.doctype.lead.lead.add_lead_to_prospect": {
				"lead": lead,
				"prospect": self.name("Prospect", "own"),
			},
			"erpnext.selling.page.point_of_sale.point_of_sale.set_customer_info": {
				"fieldname": "email_id",
				"customer": customer,
				"value": "stranger@example.com",
			},
			"erpnext.selling.page.sales_funnel.sales_funnel.get_pipeline_data": {
				"from_date": "2020-01-01",
				"to_date": "2030-01-01",
				"company": "X",
			},
		}
		papers = self.scene.records
		for paper, functions in PAPERS_ARE_TOLD_BY.items():
			if paper in papers:
				name = papers[paper]["foreign"]
				endpoints.update(
					(path, {key: name if value is None else value for key, value in arguments.items()})
					for path, arguments in functions.items()
				)
		if "Quotation" in papers:
			endpoints["erpnext.selling.doctype.quotation.quotation.get_ordered_items"] = {
				"quotation": papers["Quotation"]["foreign"]
			}
		if "Sales Order" in papers:
			endpoints["erpnext.selling.doctype.sales_order.sales_order.update_status"] = {
				"name": papers["Sales Order"]["foreign"],
				"status": "Closed",
			}
		if note := self._delivery_note(customer):
			endpoints["erpnext.stock.doctype.delivery_note.delivery_note.update_delivery_note_status"] = {
				"docname": note,
				"status": "Closed",
			}
		for method, arguments in endpoints.items():
			try:
				frappe.get_attr(method)
			except (ImportError, AttributeError):
				continue  # this ERPNext has no such endpoint
			with (
				self.settings(**ASK),
				self.as_manager(),
				self.assertRaises(frappe.PermissionError, msg=method),
			):
				ways.call(method, **arguments)

	def test_filters_guess_nothing(self):
		"""Whether a stranger's record fits a filter is not told, nor whether hidden requisites do."""
		foreign, own = self.name("Lead"), self.name("Lead", "own")
		frappe.db.set_value("Lead", {"name": ("in", (foreign, own))}, "job_title", WORD)
		frappe.db.set_value("Lead", own, "rule24_tax_id", "7707083893")
		with self.settings(**ASK), self.as_manager():
			for title in (WORD, "nothing"):
				with self.assertRaises(frappe.DoesNotExistError):
					self.get("Lead", name=foreign, job_title=title)
			self.assertEqual(self.get("Lead", name=own, job_title=WORD)["name"], own)
			for number in ("77%", "88%"):
				with self.assertRaises(frappe.DoesNotExistError):
					self.get("Lead", name=own, rule24_tax_id=["like", number])
			with self.assertRaises(frappe.PermissionError):
				signed_in("/api/method/x", name={"name": foreign, "job_title": WORD})
			with self.assertRaises(frappe.PermissionError):
				signed_in("/api/method/x", name=[{"name": foreign}, ["job_title", "=", WORD]])
			signed_in("/api/method/x", name=[own, foreign])  # several names
		with self.settings(**ASK), self.as_user(self.scene.head):
			self.assertEqual(self.get("Lead", name=foreign, job_title=WORD)["name"], foreign)
			signed_in("/api/method/x", name={"name": foreign})

	def get(self, doctype: str, **filters) -> dict:
		return ways.call("frappe.client.get", doctype=doctype, filters=frappe.as_json(filters))

	def test_methods_of_a_document_in_the_request(self):
		"""A document that nobody has stored, about a stranger's client: its methods would tell of that client."""
		for relation, refused in (("foreign", True), ("own", False)):
			deal = {
				"doctype": "Opportunity",
				"opportunity_from": "Lead",
				"party_name": self.name("Lead", relation),
			}
			requests = (
				("/api/method/run_doc_method", {"docs": frappe.as_json(deal)}),
				("/", {"docs": frappe.as_json(deal), "cmd": "runserverobj"}),
				("/api/v2/method/run_doc_method", {"document": deal}),
			)
			for path, arguments in requests:
				with self.settings(**ASK), self.as_manager(), self.subTest(path=path, relation=relation):
					if refused:
						with self.assertRaisesWith(frappe.PermissionError, "not yours to see"):
							signed_in(path, method="x", **arguments)
					else:
						signed_in(path, method="x", **arguments)
		mine = frappe.get_doc("Work", self.name("Work", "own"))
		mine.db_set("contact", self.name("Contact"))  # what stands there already is nobody's fault
		with self.settings(**ASK), self.as_manager():
			signed_in(
				"/api/method/run_doc_method", method="x", docs=frappe.get_doc("Work", mine.name).as_json()
			)

	def test_two_documents_in_the_request(self):
		"""Frappe takes one of the two; which one differs, so neither may lead to what is hidden."""
		harmless = {"doctype": "ToDo", "description": WORD}
		deal = {"doctype": "Opportunity", "opportunity_from": "Lead", "party_name": self.name("Lead")}
		for arguments in ({"docs": harmless, "document": deal}, {"docs": deal, "document": harmless}):
			with self.settings(**ASK), self.as_manager(), self.subTest(**arguments):
				with self.assertRaisesWith(frappe.PermissionError, "not yours to see"):
					signed_in("/api/v2/method/run_doc_method", method="x", **arguments)

	def test_a_document_named_by_a_filter(self):
		"""Frappe looks for it before it asks for rights. Of requisites this would tell with access off, too."""
		for number in ({"rule24_tax_id": ["like", "77%"]}, [["rule24_tax_id", "like", "77%"]]):
			lead = frappe.as_json({"doctype": "Lead", "name": number})
			for access in ("By Segment", "Off"):
				with self.settings(access=access), self.subTest(name=number, access=access):
					with self.as_manager(), self.assertRaisesWith(frappe.PermissionError, "by its name"):
						signed_in("/api/method/run_doc_method", method="x", docs=lead)
					with self.as_user(self.scene.admin):
						signed_in("/api/method/run_doc_method", method="x", docs=lead)

	def test_a_document_that_cannot_be_read(self):
		for document in ("{", "doctype=Lead", "\x00"):
			with self.settings(**ASK), self.as_manager(), self.subTest(document=document):
				with self.assertRaisesWith(frappe.ValidationError, "no valid JSON"):
					signed_in("/api/method/run_doc_method", method="x", docs=document)

	def test_a_document_that_has_no_table(self):
		job = frappe.as_json({"doctype": "RQ Job", "name": "x"})
		with self.settings(**ASK), self.as_manager():
			signed_in("/api/method/run_doc_method", method="x", docs=job)

	def test_columns_behind_a_link_of_a_work(self):
		work = self.name("Work", "own")
		frappe.db.set_value("Work", work, "contact", self.name("Contact"))
		books = make.make_user(["Sales User", "Accounts User"]).name  # ERPNext lets them read all contacts
		make.make_account_manager(books, segments=[self.scene.segment, self.scene.subsegment])
		frappe.db.set_value("Work", work, "assigned_to", books)
		listed = {"doctype": "Work", "filters": frappe.as_json({"name": work})}
		behind = ('["name", "contact.department"]', '["name", "contact\\u002edepartment"]')
		for fields in behind:
			for who, refused in ((self.scene.manager, True), (books, False)):
				with self.settings(**ASK), self.as_user(who), self.subTest(fields=fields, refused=refused):
					if refused:
						with self.assertRaisesWith(frappe.PermissionError, "through a link"):
							ways.call("frappe.client.get_list", fields=fields, **listed)
					else:
						self.assertEqual(len(ways.call("frappe.client.get_list", fields=fields, **listed)), 1)

	def test_titles_behind_a_link_open_no_other_rows(self):
		"""Frappe 16 asks for the condition of the linked records too, and not of the table that it has joined."""
		own, foreign = self.name("Work", "own"), self.name("Work", "foreign")
		frappe.db.set_value("Work", own, "contact", self.name("Contact"))
		for title in ("contact.full_name", "parent_work.subject"):
			fields, filters = (
				frappe.as_json(["name", title]),
				frappe.as_json({"name": ["in", [own, foreign]]}),
			)
			with self.settings(**ASK), self.as_manager(), self.subTest(title=title):
				listed = ways.call("frappe.client.get_list", doctype="Work", fields=fields, filters=filters)
				self.assertEqual([row["name"] for row in listed], [own])  # also where the link is empty

	def test_columns_behind_a_link(self):
		"""A row that everybody may read leads to a client; the client's title is all that is told there."""
		if '"*"' not in inspect.getsource(DatabaseQuery.get_permission_query_conditions):
			self.skipTest("this Frappe knows no condition for every DocType")
		campaign = frappe.get_doc("Work Campaign", self.scene.campaign)
		campaign.db_set("parent_work", self.name("Work"))
		listed = {"doctype": "Work Campaign", "filters": frappe.as_json({"name": campaign.name})}

		def ask(column: str, **more):
			fields = frappe.as_json(["name", column])
			return ways.call("frappe.client.get_list", fields=fields, **listed, **more)

		with self.settings(**ASK), self.as_manager():
			self.assertEqual(len(ask("parent_work.subject")), 1)  # what the list shows in place of the name
			address = {"or_filters": frappe.as_json({"name": ["!=", "parent_work.smith@example.com"]})}
			self.assertEqual(len(ask("name as x", **address)), 1)  # a value like a column, in a search
			with self.assertRaises(frappe.PermissionError):
				ask("parent_work.description")
			with self.assertRaises(frappe.PermissionError):
				ask("name as x", order_by="parent_work.description")
		with self.settings(**ASK), self.as_user(self.scene.head):
			self.assertEqual(len(ask("parent_work.description")), 1)

	def test_columns_behind_a_link_of_a_stored_chart(self):
		"""Anybody may keep a chart; what it asks for is not in the request that draws it."""
		work, contact = self.name("Work", "own"), self.name("Contact")
		frappe.db.set_value("Work", work, {"contact": contact, "creation": frappe.utils.now()})
		frappe.db.set_value("Contact", contact, "department", WORD)
		chart = {"chart_type": "Count", "type": "Line", "based_on": "creation", "timeseries": 1}
		asked = (
			{"filters_json": frappe.as_json([["Work", "contact.department", "like", f"{WORD}%"]])},
			{
				"filters_json": frappe.as_json(
					[
						["Work", "contact.full_name", "like", "%"],
						["Work", "contact.department", "like", f"{WORD}%"],
					]
				)
			},
			{"filters_json": "[]", "chart_type": "Sum", "value_based_on": "opportunity.opportunity_amount"},
			{
				"filters_json": "[]",
				"chart_type": "Group By",
				"group_by_type": "Count",
				"group_by_based_on": "contact.department",
			},
		)
		for values in asked:
			doc = frappe.get_doc(
				{
					"doctype": "Dashboard Chart",
					"chart_name": frappe.generate_hash(),
					"document_type": "Work",
					"timespan": "Last Month",
					"time_interval": "Daily",
					**chart,
					**values,
				}
			).insert(ignore_permissions=True)
			with self.settings(**ASK), self.as_manager(), self.subTest(**values):
				error = frappe.PermissionError
				if (
					FRAPPE_MAJOR < 16 or "value_based_on" in values
				):  # what Frappe does not join, it or its database refuses
					error = (error, frappe.ValidationError, frappe.db.OperationalError)
				with self.assertRaises(error):
					ways.call(
						"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
						chart_name=doc.name,
						refresh=1,
					)

	def needs_heat_maps(self, get: str, asked: dict):
		"""Some builds of Frappe 16 refuse the function of time that their own heat map asks for, whoever wants it."""
		try:
			frappe.get_attr(get)(**asked)
		except frappe.ValidationError as error:
			self.assertIn("unix_timestamp", str(error))
			self.skipTest("this Frappe draws no heat map at all")

	def test_heat_map(self):
		chart = {
			"doctype": "Dashboard Chart",
			"name": "x",
			"chart_type": "Count",
			"type": "Heatmap",
			"document_type": "Lead",
			"based_on": "creation",
			"filters_json": frappe.as_json(
				[["Lead", "name", "in", list(self.scene.records["Lead"].values())]]
			),
		}
		year, get = frappe.utils.nowdate()[:4], "frappe.desk.doctype.dashboard_chart.dashboard_chart.get"
		asked = {"chart": frappe.as_json(chart), "no_cache": 1, "heatmap_year": year}
		self.needs_heat_maps(get, asked)
		for who, expected in (("manager", len(BY_SEGMENT)), ("head", len(self.scene.records["Lead"]))):
			with self.settings(**ASK), self.as_user(getattr(self.scene, who)):
				points = ways.call(get, **asked)["dataPoints"]
				self.assertEqual(sum(points.values()), expected, who)

	def test_heat_map_reads_names_of_its_year(self):
		own = self.name("Lead", "own")
		frappe.db.set_value("Lead", own, "creation", "2019-05-05 10:00:00", update_modified=False)
		chart = {
			"doctype": "Dashboard Chart",
			"name": "x",
			"chart_type": "Count",
			"type": "Heatmap",
			"document_type": "Lead",
			"based_on": "creation",
			"filters_json": "[]",
			"heatmap_year": "2019",
		}
		get = "frappe.desk.doctype.dashboard_chart.dashboard_chart.get"
		given = {"chart": frappe.as_json(chart), "no_cache": 1}
		self.needs_heat_maps(get, given)
		with self.settings(**ASK), self.as_manager(), self.asked_of_the_database() as asked:
			points = ways.call(get, **given)["dataPoints"]
		self.assertEqual(sum(points.values()), 1)
		ours = self.name("Lead", "segment")  # seen, and of another year
		self.assertFalse([query for query, _rows in asked if f"'{ours}'" in query])

	def test_orders_of_the_calendar(self):
		orders = self.scene.records.get("Sales Order")
		if not orders or not hasattr(frappe.get_module(_ORDERS), "get_events"):
			self.skipTest("this ERPNext has no calendar of orders")
		today = frappe.utils.nowdate()
		with self.settings(**ASK), self.as_manager():
			rows = ways.call(f"{_ORDERS}.get_events", start=today, end=today, filters="{}")
		shown = {row["name"] for row in rows}
		self.assertEqual(
			{relation for relation, name in orders.items() if name in shown},
			set(BY_SEGMENT),
		)

	def test_private_events_of_others(self):
		"""Frappe 15 shows them to whoever names their owner, and their participants to everybody."""
		lead = self.name("Lead")
		with self.as_user(self.scene.other):
			event = frappe.get_doc(
				{
					"doctype": "Event",
					"subject": WORD,
					"event_type": "Private",
					"starts_on": frappe.utils.now(),
					"event_participants": [{"reference_doctype": "Lead", "reference_docname": lead}],
				}
			).insert(ignore_permissions=True)
		today = frappe.utils.nowdate()
		asked = {"start": today, "end": today}
		events = "frappe.desk.doctype.event.event.get_events"
		with self.settings(**ASK):
			with self.as_manager():
				with self.assertRaises(frappe.PermissionError):
					ways.call(events, user=self.scene.other, **asked)
				self.assertNotIn(event.name, [row["name"] for row in ways.call(events, **asked)])
				self.assertIsNotNone(ways.call(events, user=self.scene.subordinate, **asked))
				self.assertNotIn(lead, self._participants())
			with self.as_user(self.scene.other):
				self.assertIn(event.name, [row["name"] for row in ways.call(events, **asked)])
				self.assertIn(lead, self._participants())

	def _participants(self) -> list[str]:
		return frappe.get_list(
			"Event Participants", parent_doctype="Event", pluck="reference_docname", order_by="name", limit=0
		)

	def _delivery_note(self, customer: str) -> str | None:
		"""A bare one, in the table only: rights are all that is asked."""
		if not frappe.db.exists("DocType", "Delivery Note"):
			return None
		note = frappe.get_doc({"doctype": "Delivery Note", "customer": customer})
		note.name = "DN-foreign"
		note.db_insert()
		return note.name

	def test_a_table_that_the_site_has_added(self):
		if '"*"' not in inspect.getsource(DatabaseQuery.get_permission_query_conditions):
			self.skipTest("this Frappe knows no condition for every DocType")
		table = "Event Participants"  # some child table that no guarded DocType has
		field = {"dt": "Lead", "fieldname": "rule24_test_rows", "fieldtype": "Table", "options": table}
		field = frappe.get_doc({"doctype": "Custom Field", "label": "Rows", **field})
		field.name = "Lead-rule24_test_rows"
		field.db_insert()  # a form would change the table of the database, and nothing could be taken back
		frappe.clear_cache(doctype="Lead")
		self.addCleanup(frappe.clear_cache, doctype="Lead")
		rows = {}
		for relation in ("own", "foreign"):
			row = {
				"parenttype": "Lead",
				"parent": self.name("Lead", relation),
				"parentfield": field.fieldname,
			}
			rows[relation] = frappe.get_doc({"doctype": table, **row})
			rows[relation].db_insert()
		with self.settings(**ASK), self.as_manager():
			listed = frappe.get_list(table, parent_doctype="Lead", pluck="name")
			self.assertIn(rows["own"].name, listed)
			self.assertNotIn(rows["foreign"].name, listed)
			get = {"doctype": table, "parent": "Lead"}
			self.assertTrue(ways.call("frappe.client.get", name=rows["own"].name, **get))
			with self.assertRaises(frappe.PermissionError):
				ways.call("frappe.client.get", name=rows["foreign"].name, **get)

	def test_global_search(self):
		self.expect_with_settings(ways.global_search, ("Customer", "Lead", "Work", "Opportunity"))

	def test_export(self):
		heads_only = ("Customer", "Lead", "Prospect")  # ERPNext lets a Sales User export none of these
		for doctype in heads_only:
			frappe.permissions.add_permission(doctype, "Sales User", 0)
			frappe.permissions.update_permission_property(doctype, "Sales User", 0, "export", 1)
		self.expect_with_settings(ways.export, ("Customer", "Lead", "Prospect", "Work"))

	def expect_with_settings(self, way, doctypes) -> None:
		with self.settings(**ASK):
			self.expect("manager", BY_SEGMENT, (way,), doctypes)

	def test_every_child_table_of_what_is_guarded_is_guarded(self):
		tables = {
			field.options
			for doctype in RULES
			if frappe.db.exists("DocType", doctype)
			for field in frappe.get_meta(doctype).get_table_fields()
		}
		self.assertFalse(tables - set(CHILD_TABLES))

	def test_rows_are_seen_with_their_document(self):
		foreign = self.name("Contact")
		contact = frappe.get_doc("Contact", foreign)
		contact.append("phone_nos", {"phone": "+7 495 000-00-01"})
		contact.save()
		own = frappe.get_doc("Contact", self.name("Contact", "own"))
		own.append("phone_nos", {"phone": "+7 495 000-00-02"})
		own.save()
		with self.settings(**ASK), self.as_manager():
			phones = frappe.get_list(
				"Contact Phone", parent_doctype="Contact", pluck="parent", order_by="name", limit=0
			)
			self.assertIn(own.name, phones)
			self.assertNotIn(foreign, phones)
			for way in ({"name": contact.phone_nos[0].name}, {"filters": {"parent": foreign}}):
				with self.assertRaises(ways.DENIED):
					ways.call("frappe.client.get", doctype="Contact Phone", parent="Contact", **way)
			segments = frappe.get_list(
				"Party Segment", parent_doctype="Lead", pluck="parent", order_by="name", limit=0
			)
			self.assertNotIn(self.name("Lead", "foreign"), segments)
			self.assertIn(self.name("Lead", "segment"), segments)

	def test_records_about_a_document_are_seen_with_it(self):
		for relation in ("own", "foreign"):
			lead = self.name("Lead", relation)
			frappe.get_doc(
				{
					"doctype": "Tag Link",
					"document_type": "Lead",
					"document_name": lead,
					"tag": _tag(),
					"title": lead,
				}
			).insert(ignore_permissions=True)
			_file("Lead", lead)
		with self.settings(**ASK), self.as_manager():
			for doctype, field in (("Tag Link", "document_name"), ("File", "attached_to_name")):
				names = frappe.get_list(doctype, pluck=field, order_by="name", limit=0)
				self.assertIn(self.name("Lead", "own"), names, doctype)
				self.assertNotIn(self.name("Lead", "foreign"), names, doctype)
			for found in ways.call("frappe.desk.doctype.tag.tag.get_documents_for_tag", tag="#rule24-access"):
				self.assertNotEqual(found["name"], self.name("Lead", "foreign"))
		self.assertTrue(all(doctype not in RULES for doctype in ABOUT))

	def test_bank_accounts_and_payments_are_seen_with_their_client(self):
		"""Where a site lets managers read them at all; those of our company are ERPNext's business."""
		if not frappe.db.exists("DocType", "Payment Entry"):
			self.skipTest("the preview's ERPNext has no payments")
		bank = frappe.get_doc({"doctype": "Bank", "bank_name": WORD}).insert(ignore_if_duplicate=True).name
		of = {
			relation: {"party_type": "Customer", "party": self.name("Customer", relation)}
			for relation in ("own", "segment", "foreign")
		}
		accounts = {}
		for relation, party in {**of, "supplier": {}}.items():
			account = {"doctype": "Bank Account", "account_name": f"{WORD} {relation}", "bank": bank, **party}
			accounts[relation] = frappe.get_doc(account).insert().name
		payments = {}
		for relation, party in of.items():
			payment = frappe.get_doc({"doctype": "Payment Entry", "payment_type": "Receive", **party})
			payment.name = f"PAY-{relation}"
			payment.db_insert()  # a bare one, in the table only: rights are all that is asked
			payments[relation] = payment.name
		for doctype, names in (("Bank Account", accounts), ("Payment Entry", payments)):
			frappe.permissions.add_permission(doctype, "Sales User", 0)
			self.addCleanup(frappe.clear_cache, doctype=doctype)
			with self.settings(**ASK), self.as_manager():
				listed = frappe.get_list(doctype, pluck="name", order_by="name", limit=0)
				for relation, name in names.items():
					seen = relation != "foreign"
					self.assertEqual(name in listed, seen, f"{doctype} {relation}")
					self.assertEqual(frappe.has_permission(doctype, doc=name), seen, f"{doctype} {relation}")

	def test_a_private_file_is_read_with_its_document(self):
		for doctype in ("Lead", "Work", "Opportunity"):
			own, foreign = (_file(doctype, self.name(doctype, relation)) for relation in ("own", "foreign"))
			with self.settings(**ASK), self.as_manager():
				self.assertTrue(own.has_permission("read"), doctype)
				self.assertFalse(foreign.has_permission("read"), doctype)
				self.assertFalse(foreign.is_downloadable(), doctype)

	def test_what_stock_functions_hand_out(self):
		lead, contact = self.name("Lead"), self.name("Contact")
		for method, arguments in (
			("frappe.desk.form.linked_with.get", {"doctype": "Lead", "docname": lead}),
			("frappe.desk.form.document_follow.get_follow_users", {"doctype": "Lead", "doc_name": lead}),
			(
				"frappe.desk.form.document_follow.follow_document",
				{"doctype": "Lead", "doc_name": lead, "user": ""},
			),
			("frappe.desk.doctype.tag.tag.add_tag", {"tag": "x", "dt": "Lead", "dn": lead}),
			("frappe.desk.doctype.tag.tag.add_tags", {"tags": '["x"]', "dt": "Lead", "docs": f'["{lead}"]'}),
			("frappe.desk.like.toggle_like", {"doctype": "Lead", "name": lead, "add": "Yes"}),
			(
				"frappe.contacts.doctype.address.address.get_default_address",
				{"doctype": "Lead", "name": lead},
			),
			("erpnext.crm.doctype.lead.lead.get_lead_details", {"lead": lead}),
			("erpnext.crm.doctype.utils.get_last_interaction", {"contact": contact}),
			("erpnext.crm.utils.get_open_activities", {"ref_doctype": "Lead", "ref_docname": lead}),
			("erpnext.crm.doctype.prospect.prospect.get_opportunities", {"prospect": self.name("Prospect")}),
			(
				"erpnext.accounts.party.get_party_bank_account",
				{"party_type": "Customer", "party": self.name("Customer")},
			),
		):
			with self.settings(**ASK), self.as_manager(), self.subTest(method):
				with self.assertRaises(frappe.PermissionError):
					ways.call(method, **arguments)
				frappe.clear_messages()

	def test_a_title_or_name_is_not_told(self):
		work, other = self.name("Work"), self.name("Work", "own")
		title = "frappe.desk.search.get_link_title"
		with self.settings(**ASK), self.as_manager():
			self.assertEqual(ways.call(title, doctype="Work", docname=work), work)
			self.assertIn(WORD, ways.call(title, doctype="Work", docname=other))
			found = ways.validate_link("Work", work, [])
			self.assertFalse(found.get("name"))

	def test_numbers(self):
		"""Counts, groups, sums and sorted by what is hidden: they are all taken from what is seen."""
		names = list(self.scene.records["Lead"].values())
		rows = [["Lead", "name", "in", names]]
		with self.settings(**ASK), self.as_manager():
			grouped = ways.call(
				"frappe.desk.listview.get_group_by_count",
				doctype="Lead",
				current_filters=frappe.as_json(rows),
				field="lead_owner",
			)
			self.assertEqual(sum(row["count"] for row in grouped), len(BY_SEGMENT))
			grouped = ways.call(
				"frappe.desk.listview.get_group_by_count",
				doctype="Lead",
				current_filters=frappe.as_json(rows),
				field="assigned_to",
			)
			self.assertEqual(grouped or [], [])
			card = {"name": "x", "document_type": "Lead", "function": "Count", "doctype": "Number Card"}
			total = ways.call(
				"frappe.desk.doctype.number_card.number_card.get_result",
				doc=frappe.as_json(card),
				filters=frappe.as_json(rows),
			)
			self.assertEqual(int(total), len(BY_SEGMENT))
			self.assertEqual(
				set(frappe.get_list("Lead", rows, pluck="name", order_by="annual_revenue desc, name")),
				{self.name("Lead", relation) for relation in BY_SEGMENT},
			)

	def test_reports_charts_and_calendar(self):
		with self.settings(**ASK), self.as_user(self.scene.head):
			everything = {row["party"] for row in clients_without_next_work.execute({})[1]}
			deals = sum(deals_by_stage.get()["datasets"][0]["values"])
		with self.settings(heads_see_only_team=1, **ASK), self.as_user(self.scene.head):
			team = {row["party"] for row in clients_without_next_work.execute({})[1]}
			self.assertLess(sum(deals_by_stage.get()["datasets"][0]["values"]), deals)
			self.assertEqual(
				ways.call("rule24_crm.api.work.count_without_next")["value"],
				len(team),
			)
			with self.assertRaises(frappe.PermissionError):
				ways.call("rule24_crm.api.work.today", user=self.scene.other)
			self.assertIsNotNone(ways.call("rule24_crm.api.work.today", user=self.scene.subordinate))
		for kind in ("Customer", "Prospect"):
			self.assertIn(self.name(kind), everything)
			self.assertNotIn(self.name(kind), team)
			self.assertIn(self.name(kind, "segment"), team)
		today = frappe.utils.nowdate()
		with self.settings(**ASK), self.as_manager():
			events = ways.call(
				"rule24_crm.api.work.get_events", start=today, end=frappe.utils.add_days(today, 1)
			)
		shown = {event["name"] for event in events}
		self.assertIn(self.name("Work", "own"), shown)
		self.assertNotIn(self.name("Work"), shown)

	def test_a_report_that_knows_no_access_is_closed(self):
		report = frappe.get_doc(
			{
				"doctype": "Report",
				"report_name": f"{WORD} report",
				"ref_doctype": "Lead",
				"report_type": "Query Report",
				"is_standard": "No",
				"query": "select name from tabLead",
			}
		).insert()
		with self.settings(**ASK), self.as_manager():
			with self.assertRaises(frappe.PermissionError):
				ways.call("frappe.desk.query_report.run", report_name=report.name, filters="{}")
			frappe.clear_messages()
		with self.settings(**ASK), self.as_user(self.scene.head):
			self.assertTrue(ways.call("frappe.desk.query_report.run", report_name=report.name, filters="{}"))

	def test_own_endpoints(self):
		work, lead, deal = self.name("Work"), self.name("Lead"), self.name("Opportunity")
		calls = (
			("work.close", {"work": work, "result": "Interested"}),
			("work.propose_next", {"work": work, "result": "Interested"}),
			("work.closing_options", {"work": work}),
			("work.create_from", {"work": work}),
			("work.of_party", {"party_type": "Lead", "party": lead}),
			("work.of_record", {"doctype": "Opportunity", "name": deal}),
			("work.of_record", {"doctype": "Contact", "name": self.name("Contact")}),
			("work.rollup", {"work": work}),
			("work.script_text", {"work": work}),
			("work.reschedule", {"work": work, "start": frappe.utils.nowdate(), "all_day": 1}),
			("work.create_bulk", {"doctype": "Lead", "values": {"action": "Call"}, "names": [lead]}),
			("deals.convert_lead", {"lead": lead}),
			("deals.open_deals", {"lead": lead}),
			("deals.set_stage", {"opportunity": deal, "stage": "Qualification"}),
			("deals.mark_lost", {"opportunity": deal}),
			("deals.missing_for_stage", {"opportunity": deal, "stage": "Qualification"}),
			("deals.stage_bar", {"opportunity": deal}),
			("deals.issue_documents", {"opportunity": deal}),
			("deals.documents", {"opportunity": deal}),
			("deals.issuing_options", {"opportunity": deal}),
			("plan.preview", {"names": [work]}),
			("campaign.preview_letter", {"campaign": self.scene.campaign}),
		)
		for method, arguments in calls:
			with self.settings(**ASK), self.as_manager(), self.subTest(method):
				with self.assertRaises((frappe.PermissionError, frappe.ValidationError)) as refused:
					ways.call(f"rule24_crm.api.{method}", **arguments)
				if not isinstance(refused.exception, frappe.PermissionError):
					self.assertIn("not yours", str(refused.exception))
				frappe.clear_messages()


class TestWhatIsSaved(AccessCase):
	"""Rights beside reading, and what may be pointed at."""

	def rights(self, who: str, doctype: str, name: str) -> set[str]:
		kinds = ("read", "write", "print", "email", "share", "delete")
		return {
			kind
			for kind in kinds
			if frappe.has_permission(doctype, kind, doc=name, user=getattr(self.scene, who))
		}

	def test_rights(self):
		work = {"read", "write", "print", "email", "share"}  # ERPNext's roles say so: no delete
		with self.settings(**ASK):
			for doctype in DOCTYPES:
				for relation, name in self.scene.records[doctype].items():
					given = self.rights("manager", doctype, name)
					if relation == "foreign":
						self.assertEqual(given, set(), f"{doctype} {relation}")
					elif doctype in ("Lead", "Customer", "Contact", "Address", "Work"):
						expected = work - {"share"} if "shared" in relation else work
						self.assertEqual(given - {"share"}, expected - {"share"}, f"{doctype} {relation}")
					else:
						self.assertIn("read", given, f"{doctype} {relation}")

	def test_a_share_gives_no_right_to_delete(self):
		with self.settings(**ASK):
			deals = self.scene.records["Opportunity"]
			self.assertIn("delete", self.rights("manager", "Opportunity", deals["own"]))
			self.assertNotIn("delete", self.rights("manager", "Opportunity", deals["shared"]))

	def test_a_share_for_reading_is_for_reading(self):
		lead = self.scene.records["Lead"]["foreign"]
		frappe.share.add_docshare("Lead", lead, self.scene.manager, read=1)
		with self.settings(**ASK):
			self.assertEqual(self.rights("manager", "Lead", lead), {"read", "print", "email"})
			work = self.scene.records["Work"]["foreign"]
			self.assertEqual(self.rights("manager", "Work", work), {"read", "print", "email"})

	def test_an_assignee_reads_and_writes(self):
		for doctype in ("Customer", "Lead", "Opportunity", "Work"):
			name = self.scene.records[doctype]["foreign"]
			frappe.get_doc(
				{
					"doctype": "ToDo",
					"allocated_to": self.scene.manager,
					"reference_type": doctype,
					"reference_name": name,
					"description": WORD,
				}
			).insert()
			with self.settings(**ASK):
				self.assertLessEqual({"read", "write"}, self.rights("manager", doctype, name), doctype)
				with self.as_user(self.scene.manager):
					self.assertTrue(frappe.get_list(doctype, {"name": name}, pluck="name", order_by="name"))

	def test_a_manager_enters_clients(self):
		with self.settings(**ASK), self.as_user(self.scene.manager):
			lead = frappe.get_doc(
				{"doctype": "Lead", "first_name": WORD, "company_name": WORD, "status": "Open"}
			).insert()
			customer = frappe.get_doc(
				{
					"doctype": "Customer",
					"customer_name": WORD,
					"customer_type": "Company",
					"customer_group": frappe.db.get_value("Customer Group", {"is_group": 0}),
					"territory": frappe.db.get_value("Territory", {"is_group": 0}),
				}
			).insert()
			contact = frappe.get_doc({"doctype": "Contact", "first_name": WORD}).insert()
			work = frappe.get_doc(
				{
					"doctype": "Work",
					"action": "Call",
					"subject": WORD,
					"party_type": "Customer",
					"party": customer.name,
				}
			).insert()
			for doc in (lead, customer, contact, work):
				self.assertTrue(frappe.get_doc(doc.doctype, doc.name).has_permission("write"), doc.doctype)
		self.assertEqual(customer.account_manager, self.scene.manager)

	def test_nobody_points_at_what_he_does_not_see(self):
		customer, contact = (
			self.scene.records["Customer"]["foreign"],
			self.scene.records["Contact"]["foreign"],
		)
		own = self.scene.records["Lead"]["own"]
		work = {"doctype": "Work", "action": "Call", "subject": WORD, "party_type": "Lead", "party": own}
		foreign = (
			{**work, "party_type": "Customer", "party": customer},
			{**work, "contact": contact},
			{
				"doctype": "Contact",
				"first_name": WORD,
				"links": [{"link_doctype": "Customer", "link_name": customer}],
			},
			{
				"doctype": "Opportunity",
				"opportunity_from": "Customer",
				"party_name": customer,
				"company": make.COMPANY,
				"currency": "RUB",
				"conversion_rate": 1,
			},
		)
		for values in foreign:
			with self.settings(**ASK), self.as_user(self.scene.manager):
				with self.assertRaisesWith(frappe.PermissionError, "not yours to see"):
					frappe.get_doc(values).insert()
		with self.settings(**ASK), self.as_user(self.scene.manager):
			frappe.get_doc(work).insert()

	def test_many_links_are_asked_for_at_once(self):
		names = [self.scene.records["Lead"][relation] for relation in BY_SEGMENT]
		contact = frappe.get_doc({"doctype": "Contact", "first_name": WORD})
		for name in names * 20:
			contact.append("links", {"link_doctype": "Lead", "link_name": name})
		with self.settings(**ASK), self.as_user(self.scene.manager):
			links.refuse_hidden(contact)  # who somebody is will be remembered
			with self.asked_of_the_database() as asked:
				links.refuse_hidden(contact)
			self.assertEqual(sum("from `tablead`" in query.lower() for query, _rows in asked), 1, asked)
			contact.append(
				"links", {"link_doctype": "Lead", "link_name": self.scene.records["Lead"]["foreign"]}
			)
			with self.assertRaisesWith(
				frappe.PermissionError, f"Row {len(contact.links)}", "not yours to see"
			):
				links.refuse_hidden(contact)

	def test_a_work_with_a_foreign_client_can_be_worked_on(self):
		"""A head hands it over; the manager sees the work, and its client only where the setting says so."""
		lead = frappe.get_doc("Lead", self.scene.records["Lead"]["foreign"])
		work = make.make_work(lead, assigned_to=self.scene.manager).name
		for opens in (0, 1):
			with self.settings(works_open_clients=opens, **ASK), self.as_user(self.scene.manager):
				doc = frappe.get_doc("Work", work)
				doc.description = f"{WORD} {opens}"
				doc.save()
				self.assertEqual(bool(lead.has_permission("write")), bool(opens))
		doc = frappe.get_doc("Work", work)
		doc.db_set("status", "Cancelled")
		with self.settings(works_open_clients=1, **ASK), self.as_user(self.scene.manager):
			self.assertFalse(lead.has_permission("read"))

	def test_works_without_a_client(self):
		mine = make.make_work(assigned_to=self.scene.other)
		frappe.db.set_value("Work", mine.name, "owner", self.scene.manager)
		theirs = make.make_work(assigned_to=self.scene.other)
		with self.settings(**ASK):
			self.assertTrue(self.rights("manager", "Work", mine.name))
			self.assertFalse(self.rights("manager", "Work", theirs.name))
			self.assertTrue(self.rights("other", "Work", theirs.name))
			self.assertTrue(self.rights("head", "Work", theirs.name))

	def test_a_supplier_and_our_own_company_are_nobodys_clients(self):
		address = frappe.get_doc(
			{
				"doctype": "Address",
				"address_title": WORD,
				"address_type": "Office",
				"address_line1": "Street 1",
				"city": "Town",
				"country": "Russian Federation",
				"links": [{"link_doctype": "Company", "link_name": make.COMPANY}],
			}
		).insert()
		with self.settings(**ASK):
			self.assertIn("read", self.rights("manager", "Address", address.name))

	def test_an_accountant_sees_what_erpnext_lets_him_see(self):
		with self.settings(**ASK):
			self.expect("accountant", self.scene.records["Customer"], ways.QUICK, ("Customer", "Contact"))


def _tag() -> str:
	if not frappe.db.exists("Tag", "rule24-access"):
		frappe.get_doc({"doctype": "Tag", "name": "rule24-access"}).insert(ignore_permissions=True)
	return "rule24-access"


def _file(doctype: str, name: str, content: str = WORD):
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{frappe.generate_hash(length=8)}.txt",
			"attached_to_doctype": doctype,
			"attached_to_name": name,
			"is_private": 1,
			"content": content,
		}
	).insert(ignore_permissions=True)
	return frappe.get_doc("File", file.name)
