// The network around a record as a picture: rings by distance, drawn as plain SVG, and as a list for whoever prefers it.
//
// Frappe ships frappe-charts (no graphs) and, for its workflow builder only, vue-flow (an editor without a layout, in a
// bundle of its own). A tree on rings needs neither.
import { esc } from "./markup";

frappe.provide("rule24.card");

const GAP = 24; // between two neighbours on a ring, along it
const RING = 200; // between two rings: room for a label
const FEW = 14; // so many labels can stay horizontal
const LABEL = 26; // letters of a title that are shown
const LETTER = 8; // width of one
const MOST_STEPS = 3;

const css_of = (doctype) => `of-${(doctype || "name").toLowerCase()}`;
const cut = (text) => (text.length > LABEL ? text.slice(0, LABEL - 1) + "…" : text);

/** Place the nodes: each branch gets as much of the circle as it has ends. Adds x, y, angle to every node. */
rule24.card.layout_network = function (nodes) {
	const children = new Map(nodes.map((node) => [node.id, []]));
	for (const node of nodes) if (node.parent !== null) children.get(node.parent).push(node);
	const ends = new Map();
	const count = (node) => {
		const below = children.get(node.id).reduce((sum, child) => sum + count(child), 0);
		ends.set(node.id, Math.max(1, below));
		return ends.get(node.id);
	};
	const total = count(nodes[0]);
	const step = (2 * Math.PI) / total;
	const crowded = total > FEW;
	const first = Math.max(crowded ? RING : 150, (GAP * total) / (2 * Math.PI));
	const place = (node, start, depth) => {
		const width = ends.get(node.id) * step;
		const radius = depth ? first + (depth - 1) * RING : 0;
		node.angle = start + width / 2;
		node.x = radius * Math.cos(node.angle);
		node.y = radius * Math.sin(node.angle);
		let from = start;
		for (const child of children.get(node.id)) {
			place(child, from, depth + 1);
			from += ends.get(child.id) * step;
		}
	};
	place(nodes[0], -Math.PI / 2 - step / 2, 0);
	return { crowded, children, ...bounds(nodes, crowded) };
};

/** The rectangle around all nodes and their labels. */
function bounds(nodes, crowded) {
	const box = { left: -150, right: 150, top: -60, bottom: 60 };
	for (const node of nodes) {
		const width = LETTER * Math.min(LABEL, Math.max(node.title.length, node.role.length)) + 30;
		const along = crowded ? width + LETTER * node.role.length : width;
		const reach = crowded ? along * Math.abs(Math.cos(node.angle)) + 20 : width;
		const rise = crowded ? along * Math.abs(Math.sin(node.angle)) + 20 : 45;
		const right = Math.cos(node.angle) >= -0.1;
		const left = Math.cos(node.angle) <= 0.1;
		box.right = Math.max(box.right, node.x + (right ? reach : 20));
		box.left = Math.min(box.left, node.x - (left ? reach : 20));
		box.top = Math.min(box.top, node.y - (node.y <= 0 ? rise : 20));
		box.bottom = Math.max(box.bottom, node.y + (node.y >= 0 ? rise : 20));
	}
	return { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
}

function edge_svg(edge, nodes) {
	const from = nodes[edge.from];
	const to = nodes[edge.to];
	const tree = from.parent === to.id || to.parent === from.id;
	// what is no branch of the tree bends towards the middle, so that it does not run through the nodes of its ring
	const path = tree
		? `M${from.x},${from.y}L${to.x},${to.y}`
		: `M${from.x},${from.y}Q${(from.x + to.x) / 4},${(from.y + to.y) / 4} ${to.x},${to.y}`;
	const words = `${from.title} – ${edge.role_from}; ${to.title} – ${edge.role_to}`;
	return `<path class="rule24-edge ${edge.past ? "past" : ""} ${tree ? "" : "cross"}" d="${path}"
		><title>${esc(words)}</title></path>`;
}

function label_svg(node, crowded) {
	if (!node.depth) {
		return `<text class="rule24-node-title" y="-16" text-anchor="middle">${esc(cut(node.title))}</text>`;
	}
	const left = Math.cos(node.angle) < -0.01;
	if (crowded) {
		const degrees = (node.angle * 180) / Math.PI;
		return `<text transform="rotate(${left ? degrees + 180 : degrees})" x="${left ? -12 : 12}" dy="0.35em"
			text-anchor="${left ? "end" : "start"}"><tspan class="rule24-node-title">${esc(
				cut(node.title)
			)}</tspan> <tspan class="rule24-node-role" dx="4">${esc(node.role)}</tspan></text>`;
	}
	const steep = Math.abs(Math.cos(node.angle)) < 0.1;
	const anchor = steep ? "middle" : left ? "end" : "start";
	const x = steep ? 0 : left ? -14 : 14;
	const y = steep ? (Math.sin(node.angle) < 0 ? -30 : 24) : -3;
	return `<text text-anchor="${anchor}" y="${y}"><tspan class="rule24-node-title" x="${x}">${esc(
		cut(node.title)
	)}</tspan><tspan class="rule24-node-role" x="${x}" dy="1.25em">${esc(node.role)}</tspan></text>`;
}

function node_svg(node, crowded) {
	const words = [node.title, node.role, node.doctype && __(node.doctype)].filter(Boolean).join(" · ");
	const inner = `<circle r="${node.depth ? 7 : 11}"></circle>${label_svg(node, crowded)}<title>${esc(
		words
	)}</title>`;
	const place = `class="rule24-node ${css_of(node.doctype)}" transform="translate(${node.x},${node.y})"`;
	return node.doctype
		? `<a ${place} href="${frappe.utils.get_form_link(node.doctype, node.name)}"
			data-id="${node.id}">${inner}</a>`
		: `<g ${place}>${inner}</g>`;
}

class Network {
	constructor(doctype, name) {
		this.record = { doctype, name };
		this.depth = 1;
		this.as_list = false;
		this.dialog = new frappe.ui.Dialog({ title: __("Network of Relations"), size: "extra-large" });
		this.$body = $(`<div class="rule24-network"></div>`).appendTo(this.dialog.body);
		this.$body.on("click", "[data-do]", (event) => this.act(event.currentTarget.dataset));
		this.$body.on("click", "a[data-id]", (event) => this.open(event));
		this.dialog.show();
		this.load();
	}

	async load() {
		const depth = this.depth;
		const found = await frappe.xcall("rule24_crm.api.relations.network", { ...this.record, depth });
		if (depth !== this.depth) return;
		this.found = found;
		this.shape = rule24.card.layout_network(found.nodes);
		this.fit();
		this.render();
	}

	act({ do: what, depth }) {
		if (what === "depth") {
			this.depth = Number(depth);
			this.load();
		} else if (what === "list") {
			this.as_list = !this.as_list;
			this.render();
		} else if (what === "in") this.zoom(0.8);
		else if (what === "out") this.zoom(1.25);
		else if (what === "fit") {
			this.fit();
			this.apply();
		}
	}

	/** A click opens the record here; with Ctrl or the middle button the browser does it its own way. */
	open(event) {
		if (event.ctrlKey || event.metaKey || event.shiftKey) return;
		event.preventDefault();
		event.stopPropagation();
		if (this.dragged) return;
		const node = this.found.nodes[event.currentTarget.dataset.id];
		this.dialog.hide();
		frappe.set_route("Form", node.doctype, node.name);
	}

	render() {
		this.$body.html(this.bar() + (this.as_list ? this.list() : this.picture()));
		if (!this.as_list) this.listen();
		this.$body.find(".active").trigger("focus");
	}

	bar() {
		const steps = Array.from({ length: MOST_STEPS }, (_none, index) => index + 1)
			.map(
				(depth) =>
					`<button type="button" class="btn btn-default btn-sm ${
						depth === this.depth ? "active" : ""
					}" data-do="depth" data-depth="${depth}" aria-pressed="${depth === this.depth}">${depth}</button>`
			)
			.join("");
		const icons = this.as_list
			? ""
			: `<div class="btn-group">
				<button type="button" class="btn btn-default btn-sm" data-do="out" title="${__("Smaller")}"
					aria-label="${__("Smaller")}">−</button>
				<button type="button" class="btn btn-default btn-sm" data-do="in" title="${__("Larger")}"
					aria-label="${__("Larger")}">+</button>
				<button type="button" class="btn btn-default btn-sm" data-do="fit">${__("Whole")}</button>
			</div>`;
		const note = this.found.cut
			? `<span class="text-muted small">${__("Only the nearest {0} are shown.", [
					this.found.nodes.length,
				])}</span>`
			: "";
		return `<div class="rule24-network-bar">
			<span>${__("Steps")}</span><div class="btn-group" role="group">${steps}</div>
			${icons}
			<button type="button" class="btn btn-default btn-sm" data-do="list">${
				this.as_list ? __("As a Picture") : __("As a List")
			}</button>
			${note}
		</div>`;
	}

	picture() {
		const { nodes, edges } = this.found;
		const kinds = [...new Set(nodes.map((node) => node.doctype))];
		const legend = kinds
			.map(
				(kind) =>
					`<span class="rule24-node ${css_of(kind)}"><svg width="14" height="14"
						aria-hidden="true"><circle cx="7" cy="7" r="6"></circle></svg> ${kind ? __(kind) : __("By name only")}</span>`
			)
			.join("");
		return `<svg class="rule24-network-picture" role="group" aria-label="${__("Network of Relations")}">
				${edges.map((edge) => edge_svg(edge, nodes)).join("")}
				${nodes.map((node) => node_svg(node, this.shape.crowded)).join("")}
			</svg>
			<div class="rule24-network-legend">${legend}</div>`;
	}

	/** The same as nested lists: for keyboards, screen readers and printers. */
	list() {
		const { nodes } = this.found;
		const item = (node) => {
			const title = node.doctype
				? `<a href="${frappe.utils.get_form_link(node.doctype, node.name)}" data-id="${node.id}">${esc(
						node.title
					)}</a>`
				: esc(node.title);
			const below = this.shape.children.get(node.id);
			const role = node.role ? `${esc(node.role)}: ` : "";
			return `<li>${role}${title}${below.length ? `<ul>${below.map(item).join("")}</ul>` : ""}</li>`;
		};
		return `<ul class="rule24-network-list">${item(nodes[0])}</ul>`;
	}

	// -- looking closer ------------------------------------------------------------------------------------------------

	fit() {
		const { x, y, width, height } = this.shape;
		this.view = { x, y, width, height };
	}

	apply() {
		const { x, y, width, height } = this.view;
		this.$body.find(".rule24-network-picture").attr("viewBox", `${x} ${y} ${width} ${height}`);
	}

	zoom(factor) {
		const { x, y, width, height } = this.view;
		const limit = Math.max(this.shape.width, this.shape.height);
		if ((factor < 1 && width < 200) || (factor > 1 && width > 4 * limit)) return;
		this.view = {
			x: x + (width * (1 - factor)) / 2,
			y: y + (height * (1 - factor)) / 2,
			width: width * factor,
			height: height * factor,
		};
		this.apply();
	}

	listen() {
		const svg = this.$body.find(".rule24-network-picture")[0];
		svg.setAttribute("preserveAspectRatio", "xMidYMid meet");
		this.apply();
		svg.addEventListener(
			"wheel",
			(event) => {
				event.preventDefault();
				this.zoom(event.deltaY > 0 ? 1.1 : 0.9);
			},
			{ passive: false }
		);
		let from = null;
		svg.addEventListener("pointerdown", (event) => {
			from = { x: event.clientX, y: event.clientY, view: { ...this.view } };
			this.dragged = false;
		});
		svg.addEventListener("pointermove", (event) => {
			if (!from || !event.buttons) return;
			const scale = Math.max(from.view.width / svg.clientWidth, from.view.height / svg.clientHeight);
			const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
			if (Math.abs(dx) + Math.abs(dy) > 5) this.dragged = true;
			if (!this.dragged) return;
			this.view.x = from.view.x - dx * scale;
			this.view.y = from.view.y - dy * scale;
			this.apply();
		});
		svg.addEventListener("pointerup", () => (from = null));
	}
}

/** Open the picture of a record's network. */
rule24.card.show_network = (doctype, name) => new Network(doctype, name);
