import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint
from frappe.utils.jinja import validate_template


class TermsandConditions(Document):
	def validate(self):
		if self.terms:
			validate_template(self.terms)
		if not (cint(self.buying) or cint(self.selling) or cint(self.disabled)):
			frappe.throw(_("Say whether the terms are for selling or for buying"))


@frappe.whitelist()
def get_terms_and_conditions(template_name, doc):
	context = json.loads(doc) if isinstance(doc, str) else doc
	terms = frappe.get_doc("Terms and Conditions", template_name).terms
	return frappe.render_template(terms, context) if terms else None
