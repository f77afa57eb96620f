// Two things Frappe's charts cannot do, for sources that ask for it: say what to do when there is nothing to show
// (`rule24_empty`), and list every slice under a round chart (`rule24_legend`; Frappe's own legend runs out of the picture).
const Chart = frappe.widget?.widget_factory?.chart?.prototype;

function colors_of(widget) {
	return JSON.parse(widget.chart_doc.custom_options || "{}").colors || [];
}

function legend_html(widget) {
	const { labels, datasets } = widget.data;
	const colors = colors_of(widget);
	const items = labels.map(
		(label, at) => `<li>
			<span class="rule24-dot" style="background: ${colors[at % colors.length]}"></span>
			${frappe.utils.escape_html(label)} <b>${datasets[0].values[at]}</b>
		</li>`
	);
	return `<ul class="rule24-legend">${items.join("")}</ul>`;
}

if (Chart) {
	const { setup_container, render } = Chart;

	Chart.setup_container = function () {
		setup_container.call(this);
		if (this.settings?.rule24_empty)
			this.empty.addClass("rule24-chart-empty").text(this.settings.rule24_empty());
	};

	Chart.render = async function () {
		await render.call(this);
		if (!this.settings?.rule24_legend) return;
		this.body.find(".rule24-legend").remove();
		this.widget.addClass("rule24-with-legend");
		if (this.data?.labels?.length) this.body.append(legend_html(this));
	};
}
