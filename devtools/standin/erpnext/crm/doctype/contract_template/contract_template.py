import json

import frappe
from frappe.model.document import Document
from frappe.utils.jinja import validate_template


class ContractTemplate(Document):
	def validate(self):
		if self.contract_terms:
			validate_template(self.contract_terms)


@frappe.whitelist()
def get_contract_template(template_name, doc):
	context = json.loads(doc) if isinstance(doc, str) else doc
	template = frappe.get_doc("Contract Template", template_name)
	terms = frappe.render_template(template.contract_terms, context) if template.contract_terms else None
	return {"contract_template": template, "contract_terms": terms}
