// The register of an import inside its form: pages of rows, filtered by state and word, corrected in place.

frappe.provide("rule24.party_import");

(() => {
	const PAGE = 50;
	const { COLOURS } = rule24.party_import;
	// field of a row, its heading, and what the file's column means
	const COLUMNS = [
		["client_name", __("Name"), "Name"],
		["kind", __("Kind"), "Kind of Client"],
		["inn", __("INN"), "INN"],
		["inn_kpp", __("INN/KPP"), "INN/KPP"],
		["kpp", __("KPP"), "KPP"],
		["phone", __("Phone"), "Phone"],
		["email", __("E-mail"), "E-mail"],
		["contact", __("Contact Person"), "Contact Person"],
		["address", __("Address"), "Address"],
		["city", __("City"), "City"],
		["country", __("Country"), "Country"],
		["segment", __("Market Segment"), "Market Segment"],
		["manager", __("Responsible"), "Responsible"],
	];
	const escape = frappe.utils.escape_html;

	rule24.party_import.show_rows = (frm) => {
		const view = (frm.rule24_rows ||= { state: "", search: "", start: 0, ticked: new Set() });
		if (view.name !== frm.doc.name) {
			Object.assign(view, { name: frm.doc.name, state: "", search: "", start: 0, ticked: new Set() });
		}
		// the rows that were looked at are clients by now
		const left = frm.doc[`rows_${view.state.toLowerCase()}`];
		if (view.state && !left && frm.doc.status === "Done") Object.assign(view, { state: "", start: 0 });
		load(frm);
	};

	rule24.party_import.filter = (frm, state) => {
		Object.assign(frm.rule24_rows, { state, start: 0 });
		load(frm);
		rule24.party_import.go_to_rows(frm);
	};

	/** The form's own way would put the cursor into every box of the table, the last one at the end of it. */
	rule24.party_import.go_to_rows = (frm) =>
		frappe.utils.scroll_to(frm.get_field("rows").$wrapper, true, 60);

	/** Columns that the file has, and the kind of client. */
	function columns_of(frm) {
		const meanings = new Set(frm.doc.columns.map((column) => column.meaning));
		// the kind is often not in the file: where it was guessed wrongly, it is said here
		return COLUMNS.filter(([field, _label, meaning]) => field === "kind" || meanings.has(meaning));
	}

	rule24.party_import.selected = (frm) => [...(frm.rule24_rows?.ticked || [])];

	async function load(frm) {
		const view = frm.rule24_rows;
		const name = frm.doc.name;
		const asked = (view.asked = (view.asked || 0) + 1);
		const { message } = await frappe.call({
			method: "rule24_crm.api.imports.rows",
			args: {
				party_import: name,
				state: view.state || undefined,
				search: view.search || undefined,
				start: view.start,
				length: PAGE,
			},
			type: "GET",
		});
		// an answer may come after that to a later question, which the filters above belong to
		if (frm.doc.name === name && view.asked === asked) draw(frm, message);
	}

	function draw(frm, { rows, total }) {
		const view = frm.rule24_rows;
		frm.get_field("overview")
			.$wrapper.find(".rule24-import-tile")
			.each((_index, tile) => $(tile).toggleClass("active", tile.dataset.state === view.state));
		const $wrapper = frm.get_field("rows").$wrapper.empty();
		$wrapper.append(toolbar(frm, total));
		if (!rows.length) {
			$wrapper.append(
				`<div class="rule24-import-empty">${
					view.search
						? __("No row has this word. Clear the search, or choose another state above.")
						: __("No rows in this state. Choose another one above.")
				}</div>`
			);
			return;
		}
		const may_write = frm.perm[0]?.write;
		const $table = $(`<div class="rule24-import-scroll"><table class="table rule24-import-table">
			<thead><tr>
				<th><input type="checkbox" aria-label="${__("Tick all rows of this page")}"></th>
				<th>${__("Row")}</th><th>${__("State")}</th>
				${columns_of(frm)
					.map(([_field, label]) => `<th>${label}</th>`)
					.join("")}
			</tr></thead><tbody></tbody></table></div>`).appendTo($wrapper);
		const $body = $table.find("tbody");
		for (const row of rows) $body.append(line(frm, row, may_write));
		back_to_cell(view, rows, $body);
		$table.find("thead input").on("change", (event) => {
			$body
				.find("input.rule24-import-tick:enabled")
				.prop("checked", event.target.checked)
				.trigger("change");
		});
	}

	/** Whoever corrects goes on where he was: in the same row, or, when the filter has it no more, in the one in its place. */
	function back_to_cell(view, rows, $body) {
		if (!view.cell) return;
		const { name, index, field } = view.cell;
		view.cell = null;
		const at = rows.findIndex((row) => row.name === name);
		const $row = $body.children().eq(at >= 0 ? at : Math.min(index, rows.length - 1));
		$row.find(`[data-field="${field}"]`).trigger("focus");
	}

	function toolbar(frm, total) {
		const view = frm.rule24_rows;
		const last = Math.min(view.start + PAGE, total);
		const $bar = $(`<div class="rule24-import-bar">
			<input type="search" class="form-control input-xs" placeholder="${__("Name, INN, phone or e-mail")}">
			<select class="form-control input-xs" aria-label="${__("State")}">${states()}</select>
			<span class="text-muted">${
				total ? __("{0}-{1} of {2}", [view.start + 1, last, rule24.number(total)]) : ""
			}</span>
			<button type="button" class="btn btn-default btn-xs" data-to="-1">${__("Previous")}</button>
			<button type="button" class="btn btn-default btn-xs" data-to="1">${__("Next")}</button>
			<a class="btn btn-default btn-xs">${__("Open as List")}</a>
		</div>`);
		const $search = $bar.find("input").val(view.search);
		$search.on("change", () => {
			Object.assign(view, { search: $search.val(), start: 0 });
			load(frm);
		});
		$bar.find("select")
			.val(view.state)
			.on("change", (event) => {
				Object.assign(view, { state: event.target.value, start: 0 });
				load(frm);
			});
		$bar.find("[data-to='-1']").prop("disabled", view.start === 0);
		$bar.find("[data-to='1']").prop("disabled", last >= total);
		$bar.find("[data-to]").on("click", (event) => {
			view.start = Math.max(0, view.start + PAGE * Number(event.currentTarget.dataset.to));
			load(frm);
		});
		$bar.find("a").on("click", () => {
			frappe.route_options = {
				party_import: frm.doc.name,
				...(view.state ? { state: view.state } : {}),
			};
			frappe.set_route("List", "Party Import Row", "List");
		});
		return $bar;
	}

	function states() {
		const option = (state, label) => `<option value="${state}">${label}</option>`;
		const each = Object.keys(COLOURS).map((state) => option(state, __(state, null, "Party Import Row")));
		return option("", __("All Rows")) + each.join("");
	}

	function line(frm, row, may_write) {
		const view = frm.rule24_rows;
		const creatable = ["Ready", "Warning"].includes(row.state);
		const $row = $(`<tr>
			<td><input type="checkbox" class="rule24-import-tick" aria-label="${__("Row {0}", [row.row_no])}"></td>
			<td><a href="${frappe.utils.get_form_link("Party Import Row", row.name)}">${row.row_no}</a></td>
			<td class="rule24-import-state"><span class="indicator-pill ${COLOURS[row.state]}">${__(
				row.state,
				null,
				"Party Import Row"
			)}</span>${reason(row)}</td>
		</tr>`);
		$row.find("input")
			.prop("disabled", !creatable)
			.prop("checked", creatable && view.ticked.has(row.name))
			.on("change", (event) => view.ticked[event.target.checked ? "add" : "delete"](row.name));
		const editable = may_write && row.state !== "Created";
		for (const [field, label] of columns_of(frm)) {
			const $cell = $("<td></td>")
				.text(row[field] || "")
				.attr("title", row[field] || "");
			if (editable) {
				$cell.attr({ tabindex: 0, role: "button", "aria-label": `${label}: ${row[field] || ""}` });
				$cell.attr("data-field", field);
				$cell.addClass("rule24-import-cell").on("click keydown", (event) => {
					if (event.type === "keydown" && event.key !== "Enter") return;
					if (!$cell.find("input").length) edit(frm, row, field, $cell);
				});
			}
			$row.append($cell);
		}
		if (row.state === "Duplicate" && may_write) {
			$(`<button type="button" class="btn btn-xs btn-default">${__("Not a Duplicate")}</button>`)
				.on("click", () => save(frm, row, { not_duplicate: 1 }))
				.appendTo($row.find(".rule24-import-state"));
		}
		return $row;
	}

	function reason(row) {
		if (row.party) return `<div>${link(row.party_type, row.party)}</div>`;
		const text = row.reason ? `<div class="text-muted">${escape(row.reason)}</div>` : "";
		return row.duplicate_of ? `${text}<div>${link(row.duplicate_type, row.duplicate_of)}</div>` : text;
	}

	function link(doctype, name) {
		return `<a href="${frappe.utils.get_form_link(doctype, name)}">${escape(name)}</a>`;
	}

	function edit(frm, row, field, $cell) {
		const before = row[field] || "";
		let done = false;
		const finish = (keep, $next = $cell) => {
			if (done) return;
			done = true;
			const value = $input.val();
			$cell.text(keep ? value : before);
			if (keep && value !== before) {
				const place = {
					name: row.name,
					index: $cell.parent().index(),
					field: $next.attr("data-field"),
				};
				save(frm, row, { [field]: value }, place);
			} else $next.trigger("focus");
		};
		const $input = $(`<input type="text" class="form-control input-xs">`)
			.val(before)
			.on("keydown", (event) => {
				event.stopPropagation();
				if (event.key === "Enter") finish(true);
				if (event.key === "Escape") finish(false);
				if (event.key === "Tab") {
					const $next = event.shiftKey ? $cell.prev("[data-field]") : $cell.next("[data-field]");
					if (!$next.length) return;
					event.preventDefault();
					finish(true, $next);
				}
			})
			.on("blur", () => finish(true));
		$cell.empty().append($input);
		$input.trigger("focus").trigger("select");
	}

	async function save(frm, row, values, cell) {
		frm.rule24_rows.cell = cell;
		await frappe
			.call({
				method: "rule24_crm.api.imports.edit_row",
				args: { row: row.name, values },
				type: "POST",
			})
			.catch(() => {});
		frm.reload_doc();
	}
})();
