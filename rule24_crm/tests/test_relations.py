"""Relations between parties and persons: rules, both ends, following, rights."""

import itertools

import frappe
from frappe.utils import add_days, nowdate

from rule24_crm.api import relations as api
from rule24_crm.deals.conversion import create_lead
from rule24_crm.exceptions import RelationError, Rule24Error
from rule24_crm.parties import chain
from rule24_crm.parties.relations import defaults, following, kinds, listing
from rule24_crm.tests import factories as make
from rule24_crm.tests.base import CRMTestCase


class RelationCase(CRMTestCase):
	def told(self, doc) -> list[tuple[str, str]]:
		"""What the form of a record says: (role of the other, its title)."""
		return [(row["role"], row["other_title"]) for row in listing.of_record(doc.doctype, doc.name)]


class TestKinds(RelationCase):
	def test_the_starting_dictionary(self):
		there = {
			(row.name, row.reverse_name or "", row.between)
			for row in frappe.get_all("Partner Relation Kind", ["name", "reverse_name", "between"])
		}
		self.assertTrue(set(defaults.KINDS) <= there)

	def test_the_same_name_for_both_ends_is_kept_once(self):
		kind = make.make_relation_kind()
		kind.reverse_name = kind.kind_name.upper()
		kind.save()
		self.assertEqual(kind.reverse_name, "")

	def test_a_kind_is_not_there_twice_from_either_end(self):
		with self.assertRaisesWith(RelationError, "Subsidiary", "Parent Company"):
			make.make_relation_kind(kind_name="Subsidiary", reverse="Parent Company")

	def test_what_fits(self):
		for between, first, second, fit in (
			("Companies", "Customer", "Supplier", True),
			("Companies", "Contact", "Customer", False),
			("Companies", "Customer", "", True),
			("Persons", "Contact", "Contact", True),
			("Persons", "Contact", "Lead", True),
			("Persons", "Contact", "Prospect", False),
			("Persons", "", "Contact", True),
			("Person and Company", "Contact", "Prospect", True),
			("Person and Company", "Prospect", "Customer", False),
			("Person and Company", "Customer", "Contact", False),
			("Any", "Contact", "Competitor", True),
		):
			self.assertEqual(kinds.fits(between, first, second), fit, (between, first, second))

	def test_roles_name_what_the_other_can_be(self):
		roles = {(row["kind"], row["other_is"]): row for row in kinds.roles("Contact")}
		self.assertEqual(roles["Director", "to"]["label"], "Company Led")
		self.assertNotIn(("Director", "from"), roles)  # a person is not led by a director
		self.assertNotIn("Contact", roles["Director", "to"]["records"])
		self.assertNotIn(("Parent Company", "from"), roles)
		self.assertEqual([row for row in roles if row[0] == "Spouse"], [("Spouse", "from")])


class TestRules(RelationCase):
	def test_both_ends_tell_it(self):
		parent, child = make.make_customer(), make.make_prospect()
		make.make_relation(parent, child, "Parent Company")
		self.assertEqual(self.told(parent), [("Subsidiary", child.company_name)])
		self.assertEqual(self.told(child), [("Parent Company", parent.customer_name)])

	def test_every_kind_of_record(self):
		customer = make.make_customer()
		for other, kind in (
			(make.make_lead(), "Partner"),
			(make.make_supplier(), "Supplier"),
			(make.make_competitor(), "Competitor"),
			(make.make_contact(), "Director"),
			("Ромашка, ООО", "Dealer"),
		):
			make.make_relation(other, customer, kind)
		self.assertEqual(
			sorted(role for role, _title in self.told(customer)),
			["Competitor", "Dealer", "Director", "Partner", "Supplier"],
		)

	def test_one_name_for_both_ends(self):
		one, two = make.make_contact(), make.make_contact()
		make.make_relation(one, two, "Spouse")
		self.assertEqual(self.told(one)[0][0], "Spouse")
		self.assertEqual(self.told(two)[0][0], "Spouse")

	def test_nobody_is_related_to_himself(self):
		customer = make.make_customer()
		with self.assertRaisesWith(RelationError, "itself"):
			make.make_relation(customer, customer)

	def test_nor_to_an_earlier_record_of_the_same_client(self):
		prospect = make.make_prospect()
		_kind, lead = create_lead("Prospect", prospect.name)
		with self.assertRaisesWith(RelationError, "one client"):
			make.make_relation(prospect, frappe.get_doc("Lead", lead))

	def test_sides_are_complete(self):
		customer = make.make_customer()
		with self.assertRaisesWith(RelationError, "Second Side"):
			make.make_relation(customer, "  ")
		with self.assertRaisesWith(RelationError, "First Side"):
			make.make_relation("", customer)
		with self.assertRaisesWith(RelationError, "at least one side"):
			make.make_relation("One", "Two")
		with self.assertRaisesWith(RelationError, "Second Side"):
			make.make_relation(customer, "X", to_type="Lead")

	def test_the_kind_fits(self):
		with self.assertRaisesWith(RelationError, "Spouse", "Persons"):
			make.make_relation(make.make_contact(), make.make_prospect(), "Spouse")
		off = make.make_relation_kind(disabled=1)
		with self.assertRaisesWith(RelationError, "no longer used"):
			make.make_relation(make.make_customer(), make.make_lead(), off.name)

	def test_a_relation_outlives_its_kind(self):
		kind = make.make_relation_kind()
		relation = make.make_relation(make.make_customer(), make.make_lead(), kind.name)
		kind.disabled = 1
		kind.save()
		relation.valid_to = nowdate()
		relation.save()
		self.assertTrue(relation.valid_to)

	def test_dates_in_order(self):
		with self.assertRaisesWith(RelationError, "before it begins"):
			make.make_relation(
				make.make_customer(), make.make_lead(), valid_from="2026-02-01", valid_to="2026-01-31"
			)

	def test_no_double(self):
		one, two = make.make_customer(), make.make_lead()
		make.make_relation(one, two, "Parent Company")
		with self.assertRaisesWith(RelationError, "already"):
			make.make_relation(one, two, "Parent Company")
		make.make_relation(two, one, "Parent Company")  # odd, but not the same
		make.make_relation(one, two, "Partner")
		with self.assertRaisesWith(RelationError, "already"):
			make.make_relation(two, one, "Partner")  # one name for both ends
		make.make_relation(one, "Ромашка", "Partner")
		with self.assertRaisesWith(RelationError, "already"):
			make.make_relation(one, " РОМАШКА ", "Partner")

	def test_twice_at_different_times(self):
		one, two = make.make_contact(), make.make_customer()
		make.make_relation(one, two, "Director", valid_from="2010-01-01", valid_to="2015-12-31")
		again = make.make_relation(one, two, "Director", valid_from="2020-01-01")
		with self.assertRaisesWith(RelationError, "already"):
			again.valid_from = "2015-12-31"
			again.save()
		self.assertEqual([row["past"] for row in listing.of_record("Customer", two.name)], [False, True])

	def test_a_name_only_keeps_no_record(self):
		relation = make.make_relation(make.make_customer(), make.make_lead())
		relation.update({"to_type": "", "to_party": "", "to_title": " Ромашка,   ООО "})
		relation.save()
		self.assertEqual((relation.to_title, relation.to_party), ("Ромашка, ООО", None))


class TestFollowing(RelationCase):
	def test_conversion(self):
		prospect, friend = make.make_prospect(), make.make_customer()
		make.make_relation(prospect, friend)
		_kind, lead = create_lead("Prospect", prospect.name)
		self.assertEqual(self.told(friend)[0][1], frappe.db.get_value("Lead", lead, "title"))
		customer = make.make_customer(lead_name=lead)
		self.assertEqual(self.told(friend), [("Partner", customer.customer_name)])
		for record in (customer, prospect, frappe.get_doc("Lead", lead)):
			self.assertEqual(self.told(record), [("Partner", friend.customer_name)])

	def test_a_record_goes_on_as_one_that_has_relations(self):
		customer, lead, friend = make.make_customer(), make.make_lead(), make.make_supplier()
		make.make_relation(friend, lead, "Supplier", note="by lead")
		make.make_relation(friend, customer, "Supplier", note="by customer")
		make.make_relation(lead, customer, "Partner")  # of the client with itself, once they are one
		chain.continue_as("Lead", lead.name, "Customer", customer.name)
		rows = listing.of_record("Customer", customer.name)
		self.assertEqual([row["role"] for row in rows], ["Supplier"])
		self.assertEqual(rows[0]["note"].split("\n"), ["by lead", "by customer"])

	def test_rename(self):
		competitor, customer = make.make_competitor(), make.make_customer()
		make.make_relation(competitor, customer, "Competitor")
		new = f"Renamed {frappe.generate_hash(length=6)}"
		frappe.rename_doc("Competitor", competitor.name, new)
		self.assertEqual(self.told(customer), [("Competitor", new)])
		self.assertEqual(listing.of_record("Customer", customer.name)[0]["other"], new)

	def test_a_corrected_name(self):
		contact, customer = make.make_contact(), make.make_customer()
		make.make_relation(contact, customer, "Director")
		contact.reload()
		contact.first_name = "Ирина"
		contact.save()
		self.assertEqual(
			self.told(customer), [("Director", frappe.db.get_value("Contact", contact.name, "full_name"))]
		)
		customer.reload()
		customer.customer_name = "Новое имя"
		customer.save()
		self.assertEqual(self.told(contact), [("Company Led", "Новое имя")])

	def test_merge(self):
		one, two, friend = (make.make_customer() for _number in range(3))
		make.make_relation(one, friend, "Partner")
		make.make_relation(friend, two, "Partner")
		make.make_relation(one, two, "Parent Company")
		frappe.rename_doc("Customer", one.name, two.name, merge=True)
		self.assertEqual(self.told(friend), [("Partner", two.customer_name)])
		self.assertEqual(self.told(two), [("Partner", friend.customer_name)])

	def test_deletion(self):
		customer = make.make_customer()
		for other, kind in (
			(make.make_lead(), "Partner"),
			(make.make_competitor(), "Competitor"),
			(make.make_supplier(), "Supplier"),
			(make.make_contact(), "Director"),
		):
			make.make_relation(other, customer, kind)
			frappe.delete_doc(other.doctype, other.name)
		self.assertEqual(self.told(customer), [])
		self.assertFalse(following.has_any("Customer", customer.name))


class TestRights(RelationCase):
	def setUp(self):
		super().setUp()
		self.user = make.make_user(["Sales User"]).name
		self.mine, self.other = make.make_customer(), make.make_customer()
		self.hidden = make.make_supplier()  # ERPNext keeps suppliers from Sales User
		make.make_relation(self.mine, self.other)
		make.make_relation(self.hidden, self.mine, "Supplier")

	def listed(self) -> set[str]:
		return set(frappe.get_list("Partner Relation", pluck="name", limit_page_length=0, order_by="name"))

	def test_only_relations_to_what_the_user_may_read(self):
		with self.as_user(self.user):
			self.assertEqual(self.told(self.mine), [("Partner", self.other.customer_name)])
			rows = api.of_record("Customer", self.mine.name)
			self.assertEqual(len(rows), 1)
		self.assertEqual(len(self.told(self.mine)), 2)

	def test_the_list_hides_the_same(self):
		secret = frappe.db.get_value("Partner Relation", {"from_party": self.hidden.name})
		open_one = frappe.db.get_value("Partner Relation", {"from_party": self.mine.name})
		self.assertIn(secret, self.listed())
		with self.as_user(self.user):
			self.assertIn(open_one, self.listed())
			self.assertNotIn(secret, self.listed())
			self.assertFalse(frappe.has_permission("Partner Relation", "read", doc=secret))
			self.assertTrue(frappe.has_permission("Partner Relation", "write", doc=open_one))

	def test_user_permissions_count(self):
		frappe.get_doc(
			{
				"doctype": "User Permission",
				"user": self.user,
				"allow": "Customer",
				"for_value": self.mine.name,
			}
		).insert()
		with self.as_user(self.user):
			self.assertEqual(self.told(self.mine), [])
			self.assertEqual(
				self.listed()
				& set(frappe.get_all("Partner Relation", {"from_party": self.mine.name}, pluck="name")),
				set(),
			)

	def test_a_shared_record_shows_its_relations(self):
		frappe.share.add_docshare("Supplier", self.hidden.name, self.user, read=1)
		secret = frappe.db.get_value("Partner Relation", {"from_party": self.hidden.name})
		with self.as_user(self.user):
			self.assertEqual(len(self.told(self.mine)), 2)
			self.assertIn(secret, self.listed())

	def test_adding(self):
		competitor = make.make_competitor()
		with self.as_user(self.user):
			name = api.add(
				"Customer", self.mine.name, "Competitor", "to",
				frappe.as_json({"doctype": "Competitor", "name": competitor.name}), note="one city",
			)  # fmt: skip
			api.add("Customer", self.mine.name, "Parent Company", "from", {"title": "Холдинг"})
			self.assertIn(("Parent Company", "Холдинг"), self.told(self.mine))
			api.remove(name)
			self.assertNotIn("Competitor", [role for role, _title in self.told(self.mine)])

	def test_no_adding_to_what_cannot_be_read(self):
		with self.as_user(self.user), self.assertRaises(frappe.PermissionError):
			api.add(
				"Customer", self.mine.name, "Supplier", "from",
				{"doctype": "Supplier", "name": self.hidden.name},
			)  # fmt: skip
		with self.as_user(self.user), self.assertRaises(frappe.PermissionError):
			make_as_user = frappe.new_doc("Partner Relation")
			make_as_user.update(
				{
					"kind": "Supplier",
					"from_type": "Supplier",
					"from_party": self.hidden.name,
					"to_type": "Customer",
					"to_party": self.other.name,
				}
			)
			make_as_user.insert()

	def test_strangers(self):
		with self.as_user(make.make_user([]).name):
			for call in (
				lambda: api.of_record("Customer", self.mine.name),
				lambda: api.network("Customer", self.mine.name),
				lambda: api.roles("Customer"),
				lambda: api.add("Customer", self.mine.name, "Partner", "to", {"title": "X"}),
			):
				self.assertRaises(frappe.PermissionError, call)

	def test_nonsense(self):
		for call in (
			lambda: api.of_record("User", "Administrator"),
			lambda: api.roles("Item"),
			lambda: api.add("Customer", self.mine.name, "Partner", "left", {"title": "X"}),
			lambda: api.add("Customer", self.mine.name, "Partner", "to", "[1]"),
			lambda: api.add("Customer", self.mine.name, "Partner", "to", {}),
			lambda: api.add("Customer", self.mine.name, "Partner", "to", {"doctype": "Item", "name": "X"}),
			lambda: api.network("Customer", self.mine.name, depth=9),
		):
			self.assertRaises(Rule24Error, call)
		with self.assertRaises(frappe.DoesNotExistError):
			api.of_record("Customer", "no such customer")


class TestNetwork(RelationCase):
	def titles(self, found) -> list[tuple[int, str]]:
		return [(node["depth"], node["title"]) for node in found["nodes"]]

	def test_steps(self):
		row = [make.make_customer() for _number in range(5)]
		for one, two in itertools.pairwise(row):
			make.make_relation(one, two, "Supplier")
		names = [doc.customer_name for doc in row]
		for depth in (1, 2, 3):
			found = api.network("Customer", row[0].name, depth)
			self.assertEqual(self.titles(found), list(enumerate(names))[: depth + 1])
			self.assertEqual(len(found["edges"]), depth)
			self.assertFalse(found["cut"])
		middle = api.network("Customer", row[2].name, 1)
		self.assertEqual({node["role"] for node in middle["nodes"][1:]}, {"Supplier", "Buyer"})

	def test_a_circle_is_walked_once(self):
		ring = [make.make_customer() for _number in range(3)]
		for number, one in enumerate(ring):
			make.make_relation(one, ring[(number + 1) % 3])
		found = api.network("Customer", ring[0].name, 3)
		self.assertEqual((len(found["nodes"]), len(found["edges"])), (3, 3))

	def test_one_client_is_one_node(self):
		prospect, friend = make.make_prospect(), make.make_competitor()
		make.make_relation(friend, prospect, "Competitor")
		_kind, lead = create_lead("Prospect", prospect.name)
		for doctype, name in (("Prospect", prospect.name), ("Lead", lead)):
			self.assertEqual(len(api.network(doctype, name, 2)["nodes"]), 2)

	def test_what_cannot_be_read_ends_the_walk(self):
		customer, hidden, behind = make.make_customer(), make.make_supplier(), make.make_customer()
		make.make_relation(hidden, customer, "Supplier")
		make.make_relation(hidden, behind, "Supplier")
		self.assertEqual(len(api.network("Customer", customer.name, 3)["nodes"]), 3)
		with self.as_user(make.make_user(["Sales User"]).name):
			self.assertEqual(len(api.network("Customer", customer.name, 3)["nodes"]), 1)

	def test_too_much_is_cut_and_said(self):
		customer = make.make_customer()
		for number in range(105):
			make.make_relation(customer, f"Firm {number}")
		found = api.network("Customer", customer.name, 3)
		self.assertEqual(len(found["nodes"]), 100)
		self.assertEqual(len(found["edges"]), 99)
		self.assertTrue(found["cut"])

	def test_queries_do_not_grow_with_the_network(self):
		customer = make.make_customer()
		make.make_relation(customer, make.make_lead())

		def count() -> int:
			seen, run = [], frappe.db.sql
			frappe.db.sql = lambda *args, **kwargs: (seen.append(args), run(*args, **kwargs))[1]
			try:
				api.network("Customer", customer.name, 2)
			finally:
				frappe.db.sql = run
			return len(seen)

		count()
		few = count()
		for _number in range(10):
			make.make_relation(customer, make.make_lead())
		self.assertLessEqual(count(), few + 1)

	def test_past_ones_are_marked(self):
		customer = make.make_customer()
		make.make_relation(customer, "Firm", valid_to=add_days(nowdate(), -1))
		make.make_relation(customer, "Other", valid_to=nowdate())
		found = api.network("Customer", customer.name)
		self.assertEqual([edge["past"] for edge in found["edges"]], [False, True])
