import json

import frappe
from frappe import _
from frappe.query_builder.functions import IfNull
from frappe.utils import cint, cstr, flt, getdate

from erpnext import get_company_currency
from erpnext.setup.doctype.brand.brand import get_brand_defaults
from erpnext.setup.doctype.item_group.item_group import get_item_group_defaults
from erpnext.setup.utils import get_exchange_rate
from erpnext.stock.doctype.item.item import get_item_defaults, validate_end_of_life
from erpnext.stock.doctype.price_list.price_list import get_price_list_details

sales_doctypes = ["Quotation", "Sales Order", "Sales Invoice"]

PRICES = (
	"price_list_rate",
	"base_price_list_rate",
	"rate",
	"base_rate",
	"amount",
	"base_amount",
	"net_rate",
	"net_amount",
	"discount_percentage",
)


@frappe.whitelist()
def get_item_details(args, doc=None, for_validate=False, overwrite_warehouse=True):
	"""What a row of a selling document takes from its item: names, units, accounts, the list price."""
	args = process_args(args)
	for_validate = process_string_args(for_validate)
	overwrite_warehouse = process_string_args(overwrite_warehouse)
	item = frappe.get_cached_doc("Item", args.item_code)
	validate_item_details(args, item)
	if isinstance(doc, str):
		doc = json.loads(doc)
	if doc:
		args.transaction_date = doc.get("transaction_date") or doc.get("posting_date")

	out = get_basic_details(args, item, overwrite_warehouse)
	get_item_tax_template(args, item, out)
	template = out.get("item_tax_template")
	if template is None:
		template = args.get("item_tax_template")
	out.item_tax_rate = get_item_tax_map(args.company, template, as_json=True)
	out.update(get_price_list_rate(args, item))
	for key, value in out.items():
		if args.get(key) is None:
			args[key] = value
	return out


def process_args(args):
	args = frappe._dict(json.loads(args) if isinstance(args, str) else args)
	if not args.get("price_list"):
		args.price_list = args.get("selling_price_list")
	args.transaction_type = "selling"
	return args


def process_string_args(args):
	return json.loads(args) if isinstance(args, str) else args


def validate_item_details(args, item):
	if not args.company:
		frappe.throw(_("The company is missing"))
	validate_end_of_life(item.name, item.end_of_life, item.disabled)
	if cint(item.has_variants):
		frappe.throw(_("Item {0} is a template: choose one of its variants").format(item.name))


def get_basic_details(args, item, overwrite_warehouse=True):
	own = get_item_defaults(item.name, args.company)
	group = get_item_group_defaults(item.name, args.company)
	brand = get_brand_defaults(item.name, args.company)
	defaults = frappe._dict(item_defaults=own, item_group_defaults=group, brand_defaults=brand)

	if not args.get("uom"):
		selling = args.get("doctype") in sales_doctypes
		args.uom = (item.sales_uom if selling else None) or item.stock_uom
	args.stock_uom = item.stock_uom

	out = frappe._dict(
		item_code=item.name,
		item_name=item.item_name,
		description=cstr(item.description).strip(),
		image=cstr(item.image).strip(),
		warehouse=get_item_warehouse(item, args, overwrite_warehouse, defaults) or None,
		income_account=get_default_income_account(args, own, group, brand),
		expense_account=get_default_expense_account(args, own, group, brand),
		cost_center=get_default_cost_center(args, own, group, brand),
		uom=args.uom,
		stock_uom=item.stock_uom,
		qty=flt(args.qty) or 1.0,
		discount_amount=flt(args.discount_amount),
		is_fixed_asset=item.is_fixed_asset,
		transaction_date=args.get("transaction_date"),
		grant_commission=item.grant_commission,
		item_group=item.item_group,
		brand=item.brand,
	)
	out.update(dict.fromkeys(PRICES, 0.0))

	if item.stock_uom == args.uom:
		out.conversion_factor = 1.0
	else:
		out.conversion_factor = (
			args.conversion_factor or get_conversion_factor(item.name, args.uom)["conversion_factor"]
		)
	args.conversion_factor = out.conversion_factor
	args.stock_qty = out.stock_qty = out.qty * out.conversion_factor

	for field, company_field in (
		("income_account", "default_income_account"),
		("expense_account", "default_expense_account"),
		("cost_center", "cost_center"),
	):
		if not out[field]:
			out[field] = frappe.get_cached_value("Company", args.company, company_field)
	return out


def get_item_warehouse(item, args, overwrite_warehouse, defaults=None):
	warehouse = args.get("warehouse")
	if overwrite_warehouse or not warehouse:
		warehouse = (
			args.get("set_warehouse")
			or defaults.item_defaults.get("default_warehouse")
			or defaults.item_group_defaults.get("default_warehouse")
			or defaults.brand_defaults.get("default_warehouse")
			or warehouse
		)
	if warehouse:
		return warehouse
	default = frappe.db.get_single_value("Stock Settings", "default_warehouse")
	if default and frappe.get_cached_value("Warehouse", default, "company") == args.company:
		return default
	return None


def get_default_income_account(args, item, item_group, brand):
	field = "income_account"
	return item.get(field) or item_group.get(field) or brand.get(field) or args.get(field)


def get_default_expense_account(args, item, item_group, brand):
	field = "expense_account"
	return item.get(field) or item_group.get(field) or brand.get(field) or args.get(field)


def get_default_cost_center(args, item=None, item_group=None, brand=None, company=None):
	company = company or args.get("company")
	found = None
	if item and item_group and brand:
		field = "selling_cost_center" if args.get("customer") else "buying_cost_center"
		found = item.get(field) or item_group.get(field) or brand.get(field)
	elif args.get("item_code") and company:
		for defaults in (get_item_defaults, get_item_group_defaults, get_brand_defaults):
			row = defaults(args.get("item_code"), company)
			if row and (row.selling_cost_center or row.buying_cost_center):
				return row.selling_cost_center or row.buying_cost_center
	found = found or args.get("cost_center")
	if company and found and frappe.get_cached_value("Cost Center", found, "company") != company:
		return None
	if not found and company:
		found = frappe.get_cached_value("Company", company, "cost_center")
	return found


@frappe.whitelist()
def get_item_tax_template(args, item=None, out=None):
	"""The tax template of the item, else of its group or a group above."""
	args = json.loads(args) if isinstance(args, str) else args
	item = item or frappe.get_cached_doc("Item", args.get("item_code"))
	template = _get_item_tax_template(args, item.taxes, out) if item.taxes else None
	group = item.item_group
	while group and not template:
		doc = frappe.get_cached_doc("Item Group", group)
		template = _get_item_tax_template(args, doc.taxes, out)
		group = doc.parent_item_group
	return template


def _get_item_tax_template(args, taxes, out=None, for_validate=False):
	out = frappe._dict() if out is None else out
	dated, plain = [], []
	for tax in taxes:
		disabled, company = frappe.get_cached_value(
			"Item Tax Template", tax.item_tax_template, ["disabled", "company"]
		)
		if disabled or company != args["company"]:
			continue
		if not (tax.valid_from or tax.maximum_net_rate):
			plain.append(tax)
		else:
			day = args.get("bill_date") or args.get("posting_date") or args.get("transaction_date")
			if getdate(tax.valid_from) <= getdate(day) and is_within_valid_range(args, tax):
				dated.append(tax)
	found = sorted(dated, key=lambda tax: getdate(tax.valid_from), reverse=True) or plain

	category = cstr(args.get("tax_category"))
	fitting = [tax.item_tax_template for tax in found if cstr(tax.tax_category) == category]
	if for_validate:
		return fitting
	current = args.get("item_tax_template")
	if current and current in {tax.item_tax_template for tax in found}:
		out["item_tax_template"] = current
		return current
	if fitting:
		out["item_tax_template"] = fitting[0]
		return fitting[0]
	return None


def is_within_valid_range(args, tax):
	if not flt(tax.maximum_net_rate):
		return True
	return flt(tax.minimum_net_rate) <= flt(args.get("base_net_rate")) <= flt(tax.maximum_net_rate)


@frappe.whitelist()
def get_item_tax_map(company, item_tax_template, as_json=True):
	rates = {}
	if item_tax_template:
		for row in frappe.get_cached_doc("Item Tax Template", item_tax_template).taxes:
			if frappe.get_cached_value("Account", row.tax_type, "company") == company:
				rates[row.tax_type] = row.tax_rate
	return json.dumps(rates) if as_json else rates


def get_price_list_rate(args, item_doc, out=None):
	out = frappe._dict() if out is None else out
	meta = frappe.get_meta(args.parenttype or args.doctype)
	if not (meta.get_field("currency") or args.get("currency")):
		return out
	if not args.get("price_list_currency") or not args.get("plc_conversion_rate"):
		args.update(get_price_list_currency_and_exchange_rate(args))
	if meta.get_field("currency"):
		validate_conversion_rate(args, meta)

	rate = get_price_list_rate_for(args, item_doc.name)
	if rate is None or frappe.db.get_single_value("Stock Settings", "update_existing_price_list_rate"):
		insert_item_price(args)
	if rate is not None:
		out.price_list_rate = flt(rate) * flt(args.plc_conversion_rate) / flt(args.conversion_rate)
	return out


def insert_item_price(args):
	"""A rate typed by hand becomes the list price of an item that had none, if the settings say so."""
	if not args.price_list or not args.rate:
		return
	settings = frappe.get_cached_doc("Stock Settings")
	if (
		frappe.db.get_value("Price List", args.price_list, "currency", cache=True) != args.currency
		or not settings.auto_insert_price_list_rate_if_missing
		or not frappe.has_permission("Item Price", "write")
	):
		return

	rate = flt(args.rate) / args.conversion_factor if args.conversion_factor else flt(args.rate)
	key = {
		"item_code": args.item_code,
		"price_list": args.price_list,
		"currency": args.currency,
		"uom": args.stock_uom,
	}
	known = frappe.db.get_value(
		"Item Price",
		key,
		["name", "price_list_rate"],
		as_dict=True,
		order_by="valid_from desc, creation desc",
	)
	if not known:
		frappe.get_doc({"doctype": "Item Price", **key, "price_list_rate": rate}).insert()
	elif settings.update_existing_price_list_rate and rate and known.price_list_rate != rate:
		frappe.db.set_value("Item Price", known.name, "price_list_rate", rate)


def get_item_price(args, item_code, ignore_party=False, force_batch_no=False) -> list[dict]:
	"""Prices of the item that fit list, unit, client and day, the newest first: (name, rate, unit)."""
	price = frappe.qb.DocType("Item Price")
	query = (
		frappe.qb.from_(price)
		.select(price.name, price.price_list_rate, price.uom)
		.where(price.item_code == item_code)
		.where(price.price_list == args.get("price_list"))
		.where(IfNull(price.uom, "").isin(["", args.get("uom")]))
		.orderby(price.valid_from, order=frappe.qb.desc)
		.orderby(price.uom, order=frappe.qb.desc)
	)
	if not ignore_party:
		if args.get("customer"):
			query = query.where(price.customer == args.get("customer"))
		else:
			query = query.where(IfNull(price.customer, "") == "")
	day = args.get("transaction_date")
	if day:
		query = query.where(IfNull(price.valid_from, "2000-01-01") <= day)
		query = query.where(IfNull(price.valid_upto, "2500-12-31") >= day)
	return query.run()


def get_price_list_rate_for(args, item_code):
	"""The client's own price, else everybody's; in the unit of the row, else in the unit of the stock."""
	wanted = {key: args.get(key) for key in ("price_list", "customer", "uom", "transaction_date")}
	found = None
	own = get_item_price(wanted, item_code)
	if own:
		qty = args.get("qty")
		if qty and check_packing_list(own[0][0], qty, item_code):
			found = own
	else:
		del wanted["customer"]
		found = get_item_price(wanted, item_code, ignore_party=args.get("ignore_party"))
		if not found and args.get("uom") != args.get("stock_uom"):
			wanted["uom"] = args.get("stock_uom")
			found = get_item_price(wanted, item_code, ignore_party=args.get("ignore_party"))
	if not found:
		return None
	_name, rate, uom = found[0]
	if uom == args.get("uom") or args.get("price_list_uom_dependant"):
		return rate
	return flt(rate * flt(args.get("conversion_factor", 1)))


def check_packing_list(price_list_rate_name, desired_qty, item_code):
	unit = frappe.db.get_value("Item Price", price_list_rate_name, "packing_unit")
	return not (unit and desired_qty % unit)


def validate_conversion_rate(args, meta):
	from erpnext.controllers.accounts_controller import validate_conversion_rate

	company_currency = frappe.get_cached_value("Company", args.company, "default_currency")
	if not args.conversion_rate and args.currency == company_currency:
		args.conversion_rate = 1.0
	if not args.ignore_conversion_rate and args.conversion_rate == 1 and args.currency != company_currency:
		args.conversion_rate = (
			get_exchange_rate(args.currency, company_currency, args.transaction_date, "for_buying") or 1.0
		)
	label = meta.get_label("conversion_rate")
	validate_conversion_rate(args.currency, args.conversion_rate, label, args.company)
	if not args.price_list:
		return
	list_currency = frappe.db.get_value("Price List", args.price_list, "currency", cache=True)
	if not args.plc_conversion_rate and args.price_list_currency == list_currency:
		args.plc_conversion_rate = 1.0
	if not args.get("price_list_currency"):
		frappe.throw(_("The currency of the price list is missing"))
	label = meta.get_label("plc_conversion_rate")
	validate_conversion_rate(args.price_list_currency, args.plc_conversion_rate, label, args.company)


def get_price_list_currency_and_exchange_rate(args):
	if not args.price_list:
		return {}
	currency = get_price_list_details(args.price_list).get("currency")
	rate = args.plc_conversion_rate
	if not rate or (currency and args.price_list_currency and currency != args.price_list_currency):
		company_currency = get_company_currency(args.company)
		rate = get_exchange_rate(currency, company_currency, args.transaction_date, "for_selling") or rate
	return frappe._dict(
		price_list_currency=currency, price_list_uom_dependant=None, plc_conversion_rate=rate or 1
	)


@frappe.whitelist()
def get_conversion_factor(item_code, uom):
	if not item_code or uom == frappe.get_cached_value("Item", item_code, "stock_uom"):
		return {"conversion_factor": 1.0}
	row = {"parenttype": "Item", "parent": item_code, "uom": uom}
	factor = frappe.db.get_value("UOM Conversion Detail", row, "conversion_factor")
	return {"conversion_factor": factor or 1.0}
