// The ladder of a campaign: tiles, funnel and table. Every number knows the list it stands for (data-open).
frappe.provide("rule24.ladder");

(() => {
	const escape = (text) => frappe.utils.escape_html(String(text));
	const OPEN = ["in", ["Planned", "In Progress"]];
	const COLORS = {
		planned: "var(--blue-400, #449cf0)",
		plus: "var(--green-500, #28a745)",
		minus: "var(--red-400, #e24c4c)",
		neutral: "var(--gray-400, #b8c2cc)",
	};
	const FILTERS = {
		planned: { status: OPEN },
		plus: { status: "Closed", sign: "Plus" },
		minus: { status: "Closed", sign: "Minus" },
		neutral: { status: "Closed", sign: ["is", "not set"] },
		total: { status: ["!=", "Cancelled"] },
	};

	function link(doctype, filters) {
		return `tabindex="0" role="link" data-open="${escape(JSON.stringify({ doctype, filters }))}"`;
	}

	function works(step, key) {
		return link("Work", { action: step.action, party: ["is", "set"], ...FILTERS[key] });
	}

	const percent = (value) =>
		value === null || value === undefined ? "–" : `${format_number(value, null, value % 1 ? 1 : 0)} %`;

	rule24.ladder.tiles = ({ members, deals }) => {
		const member = "Work Campaign Member";
		const tiles = [
			[members.members, __("Members"), link(member, {})],
			[members.letters, __("Letters Sent"), link(member, { letter_state: "Sent" })],
			[members.with_work, __("With an Open Work"), link(member, { work: ["is", "set"] })],
			[members.plus, __("Last Work With a Plus"), link(member, { last_sign: "Plus" }), "plus"],
			[members.minus, __("Last Work With a Minus"), link(member, { last_sign: "Minus" }), "minus"],
			[
				deals.open,
				__("Open Deals"),
				link("Opportunity", { status: ["in", ["Open", "Replied", "Quotation"]] }),
			],
			[deals.won, __("Won Deals"), link("Opportunity", { status: ["in", ["Converted", "Closed"]] })],
		];
		return `${STYLE}<div class="rule24-ladder-tiles">${tiles
			.map(
				([value, label, open, color]) =>
					`<div class="rule24-ladder-tile ${color || ""}" ${open}><b>${rule24.number(value)}</b><span>${label}</span></div>`
			)
			.join("")}</div>`;
	};

	rule24.ladder.picture = ({ steps, members }) => {
		if (!steps.length) {
			return `${STYLE}<div class="rule24-ladder-empty">${
				members.members
					? __(
							"There are no works yet. Press Create Works: the ladder shows how far they have come."
						)
					: __("Add members and create works: the ladder shows how far they have come.")
			}</div>`;
		}
		const WIDTH = 900,
			LEFT = 190,
			RIGHT = 130,
			BAR = 38,
			GAP = 34;
		const room = WIDTH - LEFT - RIGHT;
		const center = LEFT + room / 2;
		const rows = [
			{ label: __("Members"), parties: members.members, plain: true },
			...steps.map((step) => ({ ...step, label: __(step.action) })),
		];
		const top = Math.max(...rows.map((row) => row.parties), 1);
		const widths = rows.map((row) => Math.max(6, (room * row.parties) / top));
		const parts = rows.map((row, index) => {
			const y = index * (BAR + GAP);
			const width = widths[index];
			const x = center - width / 2;
			let svg = "";
			if (index) {
				const above = widths[index - 1];
				svg += `<polygon class="rule24-ladder-neck" points="${center - above / 2},${y - GAP} ${center + above / 2},${y - GAP} ${center + width / 2},${y} ${center - width / 2},${y}"/>`;
			}
			svg += `<text class="rule24-ladder-label" x="${LEFT - 16}" y="${y + BAR / 2}" text-anchor="end">${escape(shorten(row.label))}</text>`;
			if (row.plain) {
				svg += `<g ${link("Work Campaign Member", {})}><rect class="rule24-ladder-members" x="${x}" y="${y}" width="${width}" height="${BAR}" rx="6"/>
					<text class="rule24-ladder-inside dark" x="${center}" y="${y + BAR / 2}">${row.parties}</text></g>`;
				return svg;
			}
			svg += `<clipPath id="rule24-ladder-clip-${index}"><rect x="${x}" y="${y}" width="${width}" height="${BAR}" rx="6"/></clipPath><g clip-path="url(#rule24-ladder-clip-${index})">`;
			let left = x;
			for (const key of ["plus", "planned", "neutral", "minus"]) {
				if (!row[key]) continue;
				const part = (width * row[key]) / row.total;
				svg += `<g ${works(row, key)}><rect x="${left}" y="${y}" width="${part}" height="${BAR}" style="fill: ${COLORS[key]}"><title>${NAMES()[key]}: ${row[key]}</title></rect>`;
				if (part > 22) {
					svg += `<text class="rule24-ladder-inside" x="${left + part / 2}" y="${y + BAR / 2}">${row[key]}</text>`;
				}
				svg += "</g>";
				left += part;
			}
			svg += `</g><text class="rule24-ladder-percent" x="${WIDTH - RIGHT + 16}" y="${y + BAR / 2 - 8}">${percent(row.conversion)}</text>
				<text class="rule24-ladder-note" x="${WIDTH - RIGHT + 16}" y="${y + BAR / 2 + 10}">${__("{0} clients", [row.parties])}</text>`;
			return svg;
		});
		const height = rows.length * (BAR + GAP) - GAP;
		const legend = Object.entries(NAMES())
			.map(([key, name]) => `<span><i style="background: ${COLORS[key]}"></i>${name}</span>`)
			.join("");
		return `${STYLE}<div class="rule24-ladder-funnel">
			<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(__("Ladder"))}">${parts.join("")}</svg>
			<div class="rule24-ladder-legend">${legend}</div></div>`;
	};

	rule24.ladder.table = ({ steps }) => {
		if (!steps.length) return "";
		const number = (step, key) =>
			`<td class="text-right">${step[key] ? `<a ${works(step, key)} href="#">${step[key]}</a>` : `<span class="text-muted">0</span>`}</td>`;
		return `<div class="table-responsive"><table class="table table-bordered rule24-ladder-steps">
			<thead><tr>
				<th>${__("Step")}</th><th class="text-right">${__("Works")}</th><th class="text-right">${__("Planned")}</th>
				<th class="text-right">${__("Plus")}</th><th class="text-right">${__("Minus")}</th>
				<th class="text-right">${__("Without a Sign")}</th><th class="text-right">${__("Clients")}</th>
				<th class="text-right" title="${escape(__("Clients with a plus, of those with a plus or a minus at this step"))}">${__("Conversion")}</th>
				<th class="text-right" title="${escape(__("Clients with a plus at this step, of all clients of the first step"))}">${__("From the First Step")}</th>
			</tr></thead>
			<tbody>${steps
				.map(
					(step) => `<tr>
				<td><i class="rule24-ladder-dot" style="background: ${escape(step.color || "var(--gray-500)")}"></i>${escape(__(step.action))}</td>
				${["total", "planned", "plus", "minus", "neutral"].map((key) => number(step, key)).join("")}
				<td class="text-right">${step.parties}</td>
				<td class="text-right"><b>${percent(step.conversion)}</b></td>
				<td class="text-right">${percent(step.from_first)}</td></tr>`
				)
				.join("")}</tbody></table></div>`;
	};

	const NAMES = () => ({
		plus: __("Plus"),
		planned: __("Planned"),
		neutral: __("Without a Sign"),
		minus: __("Minus"),
	});

	const shorten = (text) => (text.length > 24 ? text.slice(0, 23) + "…" : text);

	const STYLE = `<style>
		.rule24-ladder-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 10px; margin-bottom: 12px; }
		.rule24-ladder-tile { border: 1px solid var(--border-color); border-radius: var(--border-radius-md, 8px); padding: 10px 14px; cursor: pointer; background: var(--card-bg, var(--fg-color)); }
		.rule24-ladder-tile:hover, .rule24-ladder-tile:focus { border-color: var(--gray-500); outline: none; }
		.rule24-ladder-tile b { display: block; font-size: 20px; line-height: 1.3; color: var(--heading-color); }
		.rule24-ladder-tile span { font-size: var(--text-sm, 12px); color: var(--text-muted); }
		.rule24-ladder-tile.plus b { color: var(--green-600, #1d7d36); } .rule24-ladder-tile.minus b { color: var(--red-500, #e03636); }
		.rule24-ladder-next { display: flex; align-items: center; flex-wrap: wrap; gap: 8px; padding: 10px 14px; border-radius: var(--border-radius-md, 8px); background: var(--bg-light-blue, var(--control-bg)); margin-bottom: 8px; }
		.rule24-ladder-next span { flex: 1 1 240px; color: var(--text-color); }
		.rule24-ladder-empty { padding: 48px 20px; text-align: center; color: var(--text-muted); }
		.rule24-ladder-funnel { max-width: 980px; margin: 8px auto 22px; }
		.rule24-ladder-funnel svg { width: 100%; height: auto; }
		.rule24-ladder-funnel [data-open] { cursor: pointer; outline: none; }
		.rule24-ladder-funnel [data-open]:hover rect, .rule24-ladder-funnel [data-open]:focus rect { filter: brightness(0.93); }
		.rule24-ladder-neck { fill: var(--control-bg, #f3f3f3); }
		.rule24-ladder-members { fill: var(--gray-300, #dcdcdc); }
		.rule24-ladder-funnel text { dominant-baseline: central; font-family: var(--font-stack); }
		.rule24-ladder-label { font-size: 14px; fill: var(--text-color); font-weight: 500; }
		.rule24-ladder-inside { font-size: 13px; fill: white; text-anchor: middle; font-weight: 600; pointer-events: none; }
		.rule24-ladder-inside.dark { fill: var(--gray-800, #333); }
		.rule24-ladder-percent { font-size: 16px; font-weight: 600; fill: var(--heading-color); }
		.rule24-ladder-note { font-size: 12px; fill: var(--text-muted); }
		.rule24-ladder-legend { display: flex; gap: 18px; justify-content: center; margin-top: 14px; font-size: var(--text-sm, 12px); color: var(--text-muted); }
		.rule24-ladder-legend i, .rule24-ladder-dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
		.rule24-ladder-steps { font-variant-numeric: tabular-nums; }
		.rule24-ladder-steps a { text-decoration: underline; text-decoration-color: var(--gray-400); text-underline-offset: 3px; }
		.rule24-ladder-steps th { color: var(--text-muted); font-weight: 400; }
	</style>`;
})();
