// Handing clients over: the picture of what moves.
frappe.provide("rule24.handover");

(() => {
	// kinds of which there are many; others go by the name of their DocType
	const MANY = {
		Customer: __("Customers"),
		Lead: __("Leads"),
		Prospect: __("Prospects"),
		Work: __("Works"),
		"Work Campaign": __("Work Campaigns"),
		"Work Campaign Member": __("Places in Campaigns"),
	};
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	rule24.handover.picture = (shown, names) => `
		<div class="rule24-handover">
			${receivers(shown)}
			<div class="rule24-handover-kinds">${shown.kinds.map((row) => kind(shown, row, names)).join("")}</div>
		</div>`;

	function receivers(shown) {
		const columns = [__("Clients"), __("Deals"), __("Works"), __("All Records")];
		const cells = (row) =>
			["clients", "deals", "works", "records"]
				.map((key) => `<td class="text-right">${rule24.number(row[key])}</td>`)
				.join("");
		const sum = { clients: 0, deals: 0, works: 0, records: 0 };
		for (const row of shown.receivers) for (const key in sum) sum[key] += row[key];
		return `
			<table class="table table-sm">
				<thead><tr><th>${__("Receiver")}</th>${columns
					.map((label) => `<th class="text-right">${label}</th>`)
					.join("")}</tr></thead>
				<tbody>${shown.receivers
					.map((row) => `<tr><td>${escape(row.full_name)}</td>${cells(row)}</tr>`)
					.join("")}</tbody>
				${shown.receivers.length > 1 ? `<tfoot><tr><th>${__("Total")}</th>${cells(sum)}</tr></tfoot>` : ""}
			</table>`;
	}

	function kind(shown, row, names) {
		const list = shown.lists[row.kind] || [];
		const several = shown.receivers.length > 1;
		const lines = list
			.map(
				(line) =>
					`<li>${escape(line.title)}${several ? ` <span class="text-muted">→ ${escape(names[line.to] || line.to)}</span>` : ""}</li>`
			)
			.join("");
		const more =
			row.count > list.length
				? `<li class="text-muted">${__("and {0} more", [rule24.number(row.count - list.length)])}</li>`
				: "";
		return `<details><summary>${escape(MANY[row.kind] || row.label)} <span class="text-muted">${rule24.number(row.count)}</span></summary><ul>${lines}${more}</ul></details>`;
	}
})();
