from frappe import _, throw
from frappe.model.document import Document
from frappe.utils import cint, formatdate, get_datetime_str, nowdate


class CurrencyExchange(Document):
	def autoname(self):
		self.date = self.date or nowdate()
		buying, selling = cint(self.for_buying), cint(self.for_selling)
		purpose = "Selling-Buying"
		if selling and not buying:
			purpose = "Selling"
		elif buying and not selling:
			purpose = "Buying"
		day = formatdate(get_datetime_str(self.date), "yyyy-MM-dd")
		self.name = f"{day}-{self.from_currency}-{self.to_currency}-{purpose}"

	def validate(self):
		self.validate_value("exchange_rate", ">", 0)
		if self.from_currency == self.to_currency:
			throw(_("A rate needs two different currencies"))
		if not (cint(self.for_buying) or cint(self.for_selling)):
			throw(_("A rate is for buying or for selling"))
