"""Sales processes, gates and the history of stages."""

from unittest import mock

import frappe
from frappe.utils import add_to_date, now_datetime

from rule24_crm.deals import belonging, gates, stages
from rule24_crm.deals import process as processes
from rule24_crm.exceptions import DealError, DocumentsError, SalesProcessError, StageGateError
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase

WAY = ("One", "Two", "Three")


def make_process(kind="Controlled", gates=(), stages=None, **values):
	"""A process One - Two - Three - Yes or No, with names of its own."""
	prefix = frappe.generate_hash(length=5)
	if stages is None:
		stages = (
			[]
			if kind == "Stageless"
			else [{"stage": name, "probability": 20 * i} for i, name in enumerate(WAY, 1)]
		)
		stages += [{"stage": "Yes", "probability": 100, "is_won": 1}, {"stage": "No", "is_lost": 1}]
	for row in [*stages, *gates]:
		if not frappe.db.exists("Sales Stage", row["stage"]):
			frappe.get_doc({"doctype": "Sales Stage", "stage_name": row["stage"]}).insert()
	return frappe.get_doc(
		{
			"doctype": "Sales Process",
			"process_name": f"Process {prefix}",
			"kind": kind,
			"stages": stages,
			"gates": list(gates),
			**values,
		}
	).insert()


def deal(process, **values):
	return make.make_opportunity(rule24_sales_process=process.name, **values)


def history(name):
	return frappe.get_all(
		"Deal Stage Change",
		{"opportunity": name},
		[
			"from_stage",
			"to_stage",
			"outcome",
			"work",
			"reason",
			"amount",
			"currency",
			"seconds_in_stage",
			"changed_by",
		],
		order_by="changed_on, creation",
	)


def moves(name):
	return [(row.from_stage, row.to_stage, row.outcome) for row in history(name)]


class TestProcessRules(CRMTestCase):
	def test_shipped_processes(self):
		self.assertEqual(processes.default_for(), "Seminar")
		kinds = {row.name: row.kind for row in frappe.get_all("Sales Process", fields=["name", "kind"])}
		self.assertEqual(
			{name: kinds.get(name) for name in ("Seminar", "Free Movement", "No Stages")},
			{"Seminar": "Controlled", "Free Movement": "Free", "No Stages": "Stageless"},
		)

	def test_stage_twice(self):
		with self.assertRaisesWith(SalesProcessError, "row 2", "One"):
			make_process(stages=[{"stage": "One"}, {"stage": "One"}])

	def test_won_and_lost_at_once(self):
		with self.assertRaisesWith(SalesProcessError, "both won and lost"):
			make_process(stages=[{"stage": "One"}, {"stage": "Two", "is_won": 1, "is_lost": 1}])

	def test_two_won_stages(self):
		with self.assertRaisesWith(SalesProcessError, "Won"):
			make_process(
				stages=[{"stage": "One"}, {"stage": "Two", "is_won": 1}, {"stage": "Three", "is_won": 1}]
			)

	def test_open_stage_after_won(self):
		with self.assertRaisesWith(SalesProcessError, "row 3", "move it up"):
			make_process(stages=[{"stage": "One"}, {"stage": "Two", "is_won": 1}, {"stage": "Three"}])

	def test_no_open_stage(self):
		with self.assertRaisesWith(SalesProcessError, "at least one stage"):
			make_process(stages=[{"stage": "Yes", "is_won": 1}])

	def test_stageless_with_a_stage(self):
		with self.assertRaisesWith(SalesProcessError, "only a won and a lost one"):
			make_process("Stageless", stages=[{"stage": "One"}])

	def test_gate_on_foreign_stage(self):
		with self.assertRaisesWith(SalesProcessError, "Gates", "row 1", "Elsewhere"):
			make_process(gates=[{"stage": "Elsewhere", "requirement": "Field", "fieldname": "items"}])

	def test_gate_on_unknown_field(self):
		with self.assertRaisesWith(SalesProcessError, "no field", "no_such_field"):
			make_process(gates=[{"stage": "Two", "requirement": "Field", "fieldname": "no_such_field"}])

	def test_gate_without_its_object(self):
		for requirement, word in (("Field", "field"), ("Document", "document"), ("Work", "work")):
			with self.assertRaisesWith(SalesProcessError, word):
				make_process(gates=[{"stage": "Two", "requirement": requirement}])

	def test_one_default(self):
		before = frappe.db.get_value("Sales Process", {"is_default": 1})
		new = make_process(is_default=1)
		self.assertEqual(frappe.get_all("Sales Process", {"is_default": 1}, pluck="name"), [new.name])
		new.is_default = 0
		with self.assertRaisesWith(SalesProcessError, "must be the default"):
			new.save()
		frappe.get_doc("Sales Process", before).update({"is_default": 1}).save()
		self.assertEqual(frappe.get_all("Sales Process", {"is_default": 1}, pluck="name"), [before])

	def test_probability_out_of_range(self):
		with self.assertRaisesWith(SalesProcessError, "between 0 and 100"):
			make_process(stages=[{"stage": "One", "probability": 120}])

	def test_disabled_default(self):
		with self.assertRaisesWith(SalesProcessError, "disabled"):
			make_process(is_default=1, disabled=1)


class TestMoves(CRMTestCase):
	def test_new_deal_starts_at_the_first_stage(self):
		doc = deal(make_process())
		self.assertEqual((doc.sales_stage, doc.probability, doc.status), ("One", 20, "Open"))
		self.assertTrue(doc.rule24_stage_since)
		self.assertEqual(moves(doc.name), [(None, "One", "Open")])

	def test_default_process(self):
		doc = make.make_opportunity()
		self.assertEqual((doc.rule24_sales_process, doc.sales_stage), ("Seminar", "Cold Contact"))

	def test_disabled_process_is_refused(self):
		with self.assertRaisesWith(DealError, "disabled"):
			deal(make_process(disabled=1))

	def test_controlled_goes_stage_by_stage(self):
		doc = deal(make_process())
		doc.sales_stage = "Three"
		with self.assertRaisesWith(DealError, "One", "Two", "Three"):
			doc.save()
		doc.reload()
		for stage, probability in (("Two", 40), ("Three", 60), ("One", 20), ("Two", 40)):
			doc.sales_stage = stage
			doc.save()
			self.assertEqual(doc.probability, probability)
		self.assertEqual(
			[to for _from, to, _outcome in moves(doc.name)], ["One", "Two", "Three", "One", "Two"]
		)

	def test_stage_of_another_process(self):
		doc = deal(make_process())
		doc.sales_stage = "Signing"
		with self.assertRaisesWith(DealError, "has no stage", "Signing", "One, Two, Three"):
			doc.save()

	def test_free_moves_anywhere(self):
		doc = deal(make_process("Free"))
		for stage in ("Three", "One", "Yes", "Two"):
			stages.set_stage(doc.name, stage)
		doc.reload()
		self.assertEqual((doc.sales_stage, doc.status), ("Two", "Open"))

	def test_free_ignores_gates(self):
		doc = deal(
			make_process("Free", gates=[{"stage": "Two", "requirement": "Field", "fieldname": "items"}])
		)
		stages.set_stage(doc.name, "Two")
		self.assertEqual(stages.missing_for_stage(doc, "Three"), [])

	def test_stageless_has_no_stages(self):
		doc = deal(make_process("Stageless"))
		self.assertFalse(doc.sales_stage)
		self.assertEqual(moves(doc.name), [(None, None, "Open")])
		make_process()
		with self.assertRaisesWith(DealError, "has no stage"):
			stages.set_stage(doc.name, "One")
		stages.set_stage(doc.name, "Yes")
		self.assertEqual(
			frappe.db.get_value("Opportunity", doc.name, ["status", "probability"]), ("Converted", 100)
		)
		doc.reload()
		doc.status = "Open"
		doc.save()
		self.assertFalse(doc.sales_stage)
		self.assertEqual([o for _f, _t, o in moves(doc.name)], ["Open", "Won", "Open"])

	def test_processes_side_by_side(self):
		first, second = deal(make_process()), deal(make_process("Free"))
		stages.set_stage(second.name, "Three")
		with self.assertRaises(DealError):
			stages.set_stage(first.name, "Three")

	def test_change_of_process(self):
		doc = deal(make_process())
		doc.rule24_sales_process = "Seminar"
		doc.save()
		self.assertEqual(doc.sales_stage, "Cold Contact")
		self.assertEqual(moves(doc.name)[-1], ("One", "Cold Contact", "Open"))

	def test_only_a_head_leaves_a_controlled_process(self):
		free, controlled = make_process("Free"), make_process()
		seller, head = make.make_user(), make.make_user(["Sales User", "Sales Manager"])
		for target in (free.name, make_process().name, None):
			doc = deal(controlled, opportunity_owner=seller.name)
			with self.as_user(seller.name):
				doc = frappe.get_doc("Opportunity", doc.name)
				doc.update({"rule24_sales_process": target, "sales_stage": "Yes"})
				with self.assertRaisesWith(DealError, "controlled", controlled.name, "Sales Manager"):
					doc.save()
		self.assertEqual(
			frappe.db.get_value("Opportunity", doc.name, "rule24_sales_process"), controlled.name
		)
		with self.as_user(head.name):
			doc = frappe.get_doc("Opportunity", doc.name)
			doc.rule24_sales_process = free.name
			doc.save()
		with self.as_user(seller.name):  # out of a free one anybody may go
			doc = frappe.get_doc("Opportunity", doc.name)
			doc.rule24_sales_process = controlled.name
			doc.save()

	def test_work_may_pass_several_stages(self):
		work = make.make_work()
		doc = deal(make_process())
		stages.set_stage(doc.name, "Three", work=work.name)
		self.assertEqual(
			[(row.to_stage, row.work) for row in history(doc.name)],
			[("One", None), ("Two", work.name), ("Three", work.name)],
		)

	def test_work_does_not_pass_a_closed_gate_in_between(self):
		doc = deal(
			make_process(gates=[{"stage": "Two", "requirement": "Field", "fieldname": "expected_closing"}])
		)
		with self.assertRaisesWith(StageGateError, "Two", "Expected Closing"):
			stages.set_stage(doc.name, "Three", work=make.make_work().name)
		self.assertEqual(frappe.db.get_value("Opportunity", doc.name, "sales_stage"), "One")

	def test_import_into_a_later_stage_needs_all_gates(self):
		process = make_process(
			gates=[{"stage": "Two", "requirement": "Field", "fieldname": "expected_closing"}]
		)
		with self.assertRaisesWith(StageGateError, "Expected Closing"):
			deal(process, sales_stage="Three")
		doc = deal(process, sales_stage="Three", expected_closing="2030-01-01")
		self.assertEqual(moves(doc.name), [(None, "Three", "Open")])


class TestOutcome(CRMTestCase):
	def at(self, stage, kind="Free", **values):
		return deal(make_process(kind), sales_stage=stage, **values)

	def test_won_stage_converts(self):
		doc = self.at("Three")
		stages.set_stage(doc.name, "Yes")
		self.assertEqual(
			frappe.db.get_value("Opportunity", doc.name, ["status", "probability"]), ("Converted", 100)
		)
		self.assertEqual(moves(doc.name)[-1], ("Three", "Yes", "Won"))

	def test_status_converted_moves_to_the_won_stage(self):
		doc = self.at("Three")
		doc.status = "Converted"
		doc.save()
		self.assertEqual((doc.sales_stage, doc.probability), ("Yes", 100))

	def test_status_converted_does_not_jump_over_stages(self):
		doc = self.at("One", "Controlled")
		doc.status = "Converted"
		with self.assertRaisesWith(DealError, "stage by stage"):
			doc.save()

	def test_mark_lost(self):
		reason = frappe.get_doc(
			{"doctype": "Opportunity Lost Reason", "lost_reason": "Too Expensive Here"}
		).insert()
		doc = self.at("Two", "Free")
		work = make.make_work()
		result = stages.mark_lost(
			doc.name, reason.name, work=work.name, detailed_reason="They bought elsewhere"
		)
		self.assertEqual((result["status"], result["stage"], result["probability"]), ("Lost", "No", 0))
		row = history(doc.name)[-1]
		self.assertEqual(
			(row.from_stage, row.to_stage, row.outcome, row.work), ("Two", "No", "Lost", work.name)
		)
		self.assertEqual(row.reason, "Too Expensive Here; They bought elsewhere")
		self.assertEqual(stages.mark_lost(doc.name)["status"], "Lost")
		self.assertEqual(len(history(doc.name)), 2)

	def test_lost_with_unknown_reason(self):
		doc = self.at("Two")
		with self.assertRaisesWith(DealError, "No Such Reason"):
			stages.mark_lost(doc.name, "No Such Reason")

	def test_won_deal_is_not_lost(self):
		doc = self.at("Three")
		stages.set_stage(doc.name, "Yes")
		with self.assertRaisesWith(DealError, "won"):
			stages.mark_lost(doc.name)

	def test_lost_from_any_stage_of_a_controlled_process(self):
		doc = self.at("One", "Controlled")
		stages.set_stage(doc.name, "No")
		self.assertEqual(frappe.db.get_value("Opportunity", doc.name, "status"), "Lost")

	def test_reopened_where_it_was_lost(self):
		doc = self.at("One", "Controlled")
		stages.set_stage(doc.name, "Two")
		stages.mark_lost(doc.name)
		doc.reload()
		doc.set("lost_reasons", [])
		doc.status = "Open"
		doc.save()
		self.assertEqual((doc.sales_stage, doc.probability), ("Two", 40))
		self.assertEqual(moves(doc.name)[-1], ("No", "Two", "Open"))

	def test_lost_deal_goes_on_by_stage(self):
		doc = self.at("One", "Controlled")
		stages.set_stage(doc.name, "Two")
		stages.mark_lost(doc.name)
		self.assertEqual(stages.set_stage(doc.name, "Three")["status"], "Open")

	def test_close_button(self):
		doc = self.at("Two")
		doc.status = "Closed"
		doc.save()
		self.assertEqual((doc.sales_stage, doc.status), ("No", "Closed"))
		self.assertEqual(moves(doc.name)[-1], ("Two", "No", "Lost"))

	def test_won_deal_may_be_closed(self):
		doc = self.at("Three")
		stages.set_stage(doc.name, "Yes")
		doc.reload()
		doc.status = "Closed"
		doc.save()
		self.assertEqual(doc.sales_stage, "Yes")
		self.assertEqual([o for _f, _t, o in moves(doc.name)], ["Open", "Won"])

	def test_status_set_past_the_validation(self):
		doc = self.at("Two")
		doc.db_set("status", "Converted")  # as ERPNext does when the offer is ordered
		self.assertEqual(
			frappe.db.get_value("Opportunity", doc.name, ["sales_stage", "probability"]), ("Yes", 100)
		)
		self.assertEqual(moves(doc.name)[-1], ("Two", "Yes", "Won"))

	def test_stage_set_past_the_validation_is_logged(self):
		doc = self.at("Two")
		doc.db_set("sales_stage", "Three")
		self.assertEqual(moves(doc.name)[-1], ("Two", "Three", "Open"))


class TestHistory(CRMTestCase):
	def test_saving_without_a_move_adds_nothing(self):
		doc = deal(make_process())
		doc.title = "Another title"
		doc.save()
		self.assertEqual(len(history(doc.name)), 1)

	def test_amount_time_and_person(self):
		item = make.make_item()
		doc = deal(
			make_process(),
			currency="USD",
			conversion_rate=90,
			items=[{"item_code": item.name, "qty": 2, "rate": 5}],
		)
		entered = add_to_date(now_datetime(), hours=-3)
		frappe.db.set_value("Deal Stage Change", {"opportunity": doc.name}, "changed_on", entered)
		user = make.make_user(["Sales Manager"])
		with self.as_user(user.name):
			stages.set_stage(doc.name, "Two")
		row = history(doc.name)[-1]
		self.assertEqual((row.amount, row.currency, row.changed_by), (900, "RUB", user.name))
		self.assertTrue(3 * 3600 <= row.seconds_in_stage < 3 * 3600 + 60)

	def test_estimate_counts_without_items(self):
		doc = deal(make_process(), opportunity_amount=1500)
		self.assertEqual(history(doc.name)[0].amount, 1500)

	def test_nobody_changes_history(self):
		doc = deal(make_process())
		row = frappe.get_doc("Deal Stage Change", {"opportunity": doc.name})
		row.to_stage = "Two"
		with self.assertRaisesWith(DealError, "cannot be changed"):
			row.save()
		with self.assertRaisesWith(DealError, "cannot be changed"):
			frappe.delete_doc("Deal Stage Change", row.name)
		for roles in (["Sales User"], ["Sales Manager"], ["System Manager"], ["CRM Administrator"]):
			with self.as_user(make.make_user(roles).name):
				for right in ("write", "create", "delete"):
					self.assertFalse(frappe.has_permission("Deal Stage Change", right), (roles, right))

	def test_history_goes_with_the_deal(self):
		doc = deal(make_process())
		frappe.delete_doc("Opportunity", doc.name)
		self.assertEqual(history(doc.name), [])


class TestGates(CRMTestCase):
	def gated(self, *rows):
		return deal(make_process(gates=[{"stage": "Two", **row} for row in rows]))

	def test_everything_missing_is_named(self):
		doc = self.gated(
			{"requirement": "Field", "fieldname": "items"},
			{"requirement": "Field", "fieldname": "expected_closing"},
			{"requirement": "Document", "document_type": "Contract"},
			{"requirement": "Document", "document_type": "Sales Invoice", "submitted": 1},
			{"requirement": "Work", "work_action": "Meeting", "sign": "Plus"},
			{"requirement": "Work", "work_action": "Visit"},
			{"requirement": "Field", "fieldname": "website", "message": "Ask for the website"},
		)
		with self.assertRaisesWith(
			StageGateError, "Items", "Expected Closing Date", "Contract", "Submit", "Sales Invoice", "Meeting", "Plus", "Visit",
			"Ask for the website",
		):  # fmt: skip
			stages.set_stage(doc.name, "Two")
		self.assertEqual(len(stages.missing_for_stage(doc, "Two")), 7)
		self.assertEqual(frappe.db.get_value("Opportunity", doc.name, "sales_stage"), "One")

	def test_field_gate_opens(self):
		doc = self.gated({"requirement": "Field", "fieldname": "items"})
		doc.append("items", {"item_code": make.make_item().name, "qty": 1, "rate": 10})
		doc.sales_stage = "Two"
		doc.save()
		self.assertEqual(doc.sales_stage, "Two")

	def contract(self, doc, **values):
		return frappe.get_doc(
			{
				"doctype": "Contract",
				"party_type": "Customer",
				"party_name": doc.party_name,
				"contract_terms": "Terms",
				"start_date": "2026-01-01",
				**values,
			}
		)

	def test_no_document_is_given_to_a_deal_by_hand(self):
		doc = self.gated({"requirement": "Document", "document_type": "Contract"})
		other = make.make_opportunity()
		with self.assertRaisesWith(DocumentsError, "Deal", "by hand", "Issue Documents"):
			self.contract(doc, rule24_opportunity=doc.name).insert()
		for known, value in ((None, doc.name), (other.name, doc.name), (other.name, None)):
			contract = self.contract(doc)
			contract = (belonging.issued_for(contract, known) if known else contract).insert()
			contract = frappe.get_doc("Contract", contract.name)
			contract.rule24_opportunity = value
			with self.assertRaises(DocumentsError):
				contract.save()
		self.assertEqual(len(stages.missing_for_stage(doc, "Two")), 1)
		# amended, it stays with its deal
		first = belonging.issued_for(self.contract(doc), doc.name).insert()
		first.submit()
		first.cancel()
		self.contract(doc, amended_from=first.name, rule24_opportunity=doc.name).insert()
		with self.assertRaises(DocumentsError):
			self.contract(doc, amended_from=first.name, rule24_opportunity=other.name).insert()

	def test_document_gate(self):
		doc = self.gated({"requirement": "Document", "document_type": "Contract"})
		contract = belonging.issued_for(self.contract(doc), doc.name).insert()
		self.assertEqual(stages.missing_for_stage(doc, "Two"), [])
		contract.submit()
		self.assertEqual(stages.missing_for_stage(doc, "Two"), [])
		contract.cancel()
		self.assertEqual(len(stages.missing_for_stage(doc, "Two")), 1)

	def test_document_gate_wants_submitted(self):
		doc = self.gated({"requirement": "Document", "document_type": "Contract", "submitted": 1})
		contract = belonging.issued_for(self.contract(doc), doc.name).insert()
		self.assertEqual(len(stages.missing_for_stage(doc, "Two")), 1)
		contract.submit()
		self.assertEqual(stages.missing_for_stage(doc, "Two"), [])

	def test_work_gate(self):
		action = make.make_action([{"result": "Good", "sign": "Plus"}, {"result": "Bad", "sign": "Minus"}])
		doc = self.gated({"requirement": "Work", "work_action": action.name, "sign": "Plus"})
		customer = frappe.get_doc("Customer", doc.party_name)
		frappe.db.set_single_value("Rule24 CRM Settings", "next_action_gate", "Off")
		for result, missing in (("Bad", 1), ("Good", 0)):
			work = make.make_work(customer, action=action.name, opportunity=doc.name)
			self.assertEqual(len(stages.missing_for_stage(doc, "Two")), 1)
			work.update({"status": "Closed", "result": result}).save()
			self.assertEqual(len(stages.missing_for_stage(doc, "Two")), missing)

	def test_work_gate_without_sign_is_content_with_a_plan(self):
		doc = self.gated({"requirement": "Work", "work_action": "Visit"})
		self.assertEqual(len(stages.missing_for_stage(doc, "Two")), 1)
		work = make.make_work(
			frappe.get_doc("Customer", doc.party_name), action="Visit", opportunity=doc.name
		)
		self.assertEqual(stages.missing_for_stage(doc, "Two"), [])
		work.update({"status": "Cancelled", "stop_reason": make.make_stop_reason().name}).save()
		self.assertEqual(len(stages.missing_for_stage(doc, "Two")), 1)

	def test_missing_counts_the_stages_in_between(self):
		doc = self.gated({"requirement": "Field", "fieldname": "expected_closing"})
		self.assertEqual(len(stages.missing_for_stage(doc, "Three")), 1)
		self.assertEqual(stages.missing_for_stage(doc, "No"), [])
		with self.assertRaises(DealError):
			stages.missing_for_stage(doc, "Signing")

	def test_gate_is_not_asked_on_the_way_back(self):
		doc = self.gated({"requirement": "Field", "fieldname": "expected_closing"})
		doc.update({"expected_closing": "2030-01-01", "sales_stage": "Two"}).save()
		stages.set_stage(doc.name, "Three")
		doc.reload()
		doc.update({"expected_closing": None, "sales_stage": "Two"}).save()
		self.assertEqual(doc.sales_stage, "Two")

	def test_own_words_are_escaped(self):
		doc = self.gated(
			{"requirement": "Field", "fieldname": "items", "message": "<img src=x onerror=alert(1)>"}
		)
		self.assertNotIn("<img", "".join(gates.missing(doc, processes.of(doc), "Two")))

	def test_desk_list_and_api_go_through_the_gate(self):
		from frappe.client import set_value

		doc = self.gated({"requirement": "Field", "fieldname": "items"})
		with self.assertRaises(StageGateError):
			set_value("Opportunity", doc.name, "sales_stage", "Two")
		from frappe.desk.form.save import savedocs

		with self.assertRaises(StageGateError):
			savedocs(
				frappe.as_json({**frappe.get_doc("Opportunity", doc.name).as_dict(), "sales_stage": "Two"}),
				"Save",
			)
		self.assertEqual(frappe.db.get_value("Opportunity", doc.name, "sales_stage"), "One")

	def test_bar(self):
		doc = self.gated({"requirement": "Field", "fieldname": "items"})
		bar = stages.bar(doc)
		self.assertEqual([row["stage"] for row in bar["stages"]], ["One", "Two", "Three", "Yes", "No"])
		self.assertEqual([row["stage"] for row in bar["stages"] if row["current"]], ["One"])
		self.assertEqual([len(row["missing"]) for row in bar["stages"]], [0, 1, 1, 1, 0])

	def test_bar_asks_for_each_stage_once(self):
		doc = self.gated({"requirement": "Document", "document_type": "Contract"})
		with mock.patch.object(gates, "missing", wraps=gates.missing) as ask:
			stages.bar(doc)
		asked = [call.args[2] for call in ask.call_args_list]
		self.assertEqual(sorted(asked), sorted(set(asked)))
