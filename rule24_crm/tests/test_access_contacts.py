"""Whose a contact or address is stands in its links: whatever they are, it is seen as the rule says, word by word."""

import itertools

import frappe

from rule24_crm.parties.access import predicate, scope
from rule24_crm.tests import factories as make
from rule24_crm.tests.access_scene import RELATIONS
from rule24_crm.tests.test_access_matrix import AccessCase

DOCTYPES = ("Contact", "Address")
#: belongs to no client of ours
STRANGER = ("Company", make.COMPANY)
PAIRS = tuple(itertools.combinations(RELATIONS, 2))


class TestWhoSeesContacts(AccessCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		cls.made = {doctype: list(cls.make_all(doctype)) for doctype in DOCTYPES}

	@classmethod
	def make_all(cls, doctype: str):
		"""Names of contacts or addresses with two links, one, none, and such as only other software leaves behind."""
		records = cls.scene.records
		for kind, (one, other) in itertools.product(("Customer", "Lead", "Prospect", "Opportunity"), PAIRS):
			yield cls.make_one(doctype, (kind, records[kind][one]), ("Customer", records["Customer"][other]))
		for relation in RELATIONS:
			client = ("Prospect", records["Prospect"][relation])
			yield cls.make_one(doctype, client, STRANGER)
			yield cls.make_one(doctype, STRANGER, client, STRANGER)
			yield cls.make_one(doctype, ("Opportunity", records["Opportunity"][relation]))
		for owner in (cls.scene.manager, cls.scene.subordinate, cls.scene.other):
			yield cls.make_one(doctype, owner=owner)
			yield cls.make_one(doctype, STRANGER, owner=owner)
			yield cls.make_one(doctype, ("Customer", records["Customer"]["foreign"]), owner=owner)
			yield cls.make_one(doctype, ("Customer", "was deleted by hand"), owner=owner)
			yield cls.make_one(doctype, ("Customer", None), owner=owner)
			yield cls.make_one(doctype, (None, "of no kind"), owner=owner)
			yield cls.make_one(doctype, owner=owner, segments=[cls.scene.segment])
			yield cls.make_one(doctype, STRANGER, owner=owner, segments=[cls.scene.segment])
			yield cls.make_one(doctype, owner=None)
		for client in ("own", "foreign"):
			yield cls.make_one(doctype, ("Lead", records["Lead"][client]), shared=cls.scene.manager)

	@classmethod
	def make_one(cls, doctype: str, *links, owner: str | None = "Administrator", segments=(), shared=None):
		"""One with these links, written as they are: the forms would refuse some of them."""
		values = (
			{"first_name": "Of", "last_name": frappe.generate_hash()} if doctype == "Contact" else ADDRESS
		)
		doc = frappe.get_doc({"doctype": doctype, **values}).insert()
		doc.db_set("owner", owner, update_modified=False)
		for number, (kind, name) in enumerate(links, 1):
			_row(doc, "Dynamic Link", number, parentfield="links", link_doctype=kind, link_name=name)
		# of an address segments mean nothing, whoever may have written them there
		for number, segment in enumerate(segments, 1):
			_row(doc, "Party Segment", number, parentfield="segments", segment=segment)
		if shared:
			frappe.share.add_docshare(
				doctype, doc.name, shared, read=1, flags={"ignore_share_permission": True}
			)
			scope.forget()
		return doc.name

	def test_as_the_rule_says(self):
		for access, works_open_clients, form, share, who in itertools.product(
			("By Responsible", "By Segment"), (0, 1), (False, True), ("read", "write"), ("manager", "other")
		):
			with self.settings(access=access, works_open_clients=works_open_clients):
				restricted = scope.of_user(getattr(self.scene, who))
				clients = {
					kind: self.names(kind, predicate.of_scope(kind, restricted, share, form))
					for kind in predicate.LINKED
				}
				for doctype in DOCTYPES:
					with self.subTest(
						access=access,
						works=works_open_clients,
						form=form,
						share=share,
						who=who,
						doctype=doctype,
					):
						seen = self.names(doctype, predicate.of_scope(doctype, restricted, share, form))
						told = self.told_by_the_rule(doctype, restricted, clients, share)
						self.assertEqual(seen & set(self.made[doctype]), told)
						self.assertTrue(told)
						self.assertTrue(set(self.made[doctype]) - told)

	def told_by_the_rule(self, doctype: str, restricted, clients, share: str) -> set[str]:
		"""Names of those seen: shared, or of a client or deal that is seen, or of none of them all and left to the user."""
		found = set()
		for name in self.made[doctype]:
			links = frappe.get_all(
				"Dynamic Link", {"parenttype": doctype, "parent": name}, ["link_doctype", "link_name"]
			)
			ours = [link for link in links if link.link_doctype in predicate.LINKED]
			if (
				_is_shared(doctype, name, restricted, share)
				or any(link.link_name in clients[link.link_doctype] for link in ours)
				or (not ours and (links or _is_left_to(doctype, name, restricted)))
			):
				found.add(name)
		return found

	def names(self, doctype: str, condition) -> set[str]:
		table = frappe.qb.DocType(doctype)
		return set(frappe.qb.from_(table).select(table.name).where(condition).run(pluck=True))

	def test_a_contact_of_the_same_name_as_an_address(self):
		"""Rows of links name their parent, and of what kind it is: either is seen by its own only."""
		name = frappe.generate_hash()
		own, foreign = (self.scene.records["Lead"][each] for each in ("own", "foreign"))
		for doctype, client in (("Contact", own), ("Address", foreign)):
			made = self.make_one(doctype, ("Lead", client))
			frappe.rename_doc(doctype, made, name, force=True, show_alert=False)
		with self.settings(access="By Responsible"):
			self.assertTrue(predicate.may("Contact", name, user=self.scene.manager))
			self.assertFalse(predicate.may("Address", name, user=self.scene.manager))


ADDRESS = {
	"address_title": "Of",
	"address_type": "Billing",
	"address_line1": "Street 1",
	"city": "Town",
	"country": "Russian Federation",
}


def _row(doc, table: str, number: int, **values) -> None:
	row = frappe.get_doc(
		{"doctype": table, "parent": doc.name, "parenttype": doc.doctype, "idx": number, **values}
	)
	row.db_insert()


def _is_shared(doctype: str, name: str, restricted, share: str) -> bool:
	row = {"share_doctype": doctype, "share_name": name, "user": ("in", restricted.users), share: 1}
	return bool(frappe.db.exists("DocShare", row))


def _is_left_to(doctype: str, name: str, restricted) -> bool:
	doc = frappe.get_doc(doctype, name)
	users = [doc.owner, doc.get("user")] if doctype == "Contact" else [doc.owner]
	segments = [row.segment for row in doc.get("segments") or []] if doctype == "Contact" else []
	return any(user in restricted.users for user in users) or any(
		segment in restricted.segments for segment in segments
	)
