// A Lead becomes a deal, or joins one that is open.

(() => {
	rule24.parties.watch("Lead");

	frappe.ui.form.on("Lead", {
		refresh(frm) {
			rule24.call_window.tidy(frm);
			window.rule24?.works?.mount?.(frm);
			rule24.distribution.show(frm);
			window.rule24?.card?.mount?.(frm);
			if (frm.is_new() || !frm.perm[0]?.write) return;
			const gone = frm.doc.disabled || ["Converted", "Do Not Contact"].includes(frm.doc.status);
			if (!gone) {
				frm.add_custom_button(__("Convert to Deal"), () => convert(frm));
			}
		},
	});

	async function convert(frm) {
		if (frm.is_dirty()) {
			await frm.save();
		}
		const deals = await frappe
			.call({ method: "rule24_crm.api.deals.open_deals", args: { lead: frm.doc.name }, type: "GET" })
			.then((r) => r.message);
		if (!deals.length) {
			convert_to(frm, null);
			return;
		}
		const labels = new Map(deals.map((deal) => [deal_label(deal), deal.name]));
		const dialog = new frappe.ui.Dialog({
			title: __("Convert to Deal"),
			fields: [
				{
					fieldname: "choice",
					fieldtype: "Select",
					label: __("This client has open deals"),
					options: [...labels.keys(), __("A new deal")],
					default: labels.keys().next().value,
					reqd: 1,
				},
			],
			primary_action_label: __("Convert"),
			primary_action({ choice }) {
				dialog.hide();
				convert_to(frm, labels.get(choice) || null);
			},
		});
		dialog.show();
	}

	function deal_label(deal) {
		const amount = format_currency(deal.opportunity_amount || deal.total, deal.currency);
		const stage = deal.sales_stage ? __(deal.sales_stage) : __(deal.status);
		return [deal.title || deal.customer_name, stage, amount, deal.name].join(" · ");
	}

	function convert_to(frm, opportunity) {
		frappe
			.call({
				method: "rule24_crm.api.deals.convert_lead",
				args: { lead: frm.doc.name, opportunity },
				freeze: true,
			})
			.then((r) => {
				if (!r.message) return;
				const message = r.message.created
					? __("The deal is opened, the lead is closed.")
					: __("The lead has joined the deal.");
				frappe.show_alert({ message, indicator: "green" });
				frappe.set_route("Form", "Opportunity", r.message.opportunity);
			});
	}
})();
