/** Vue single-file components for esbuild; styles go into the page when the component is loaded. */
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

export function vueComponents(load) {
	const compiler = load("@vue/compiler-sfc");
	const sass = load("sass");
	return {
		name: "vue-components",
		setup(build) {
			build.onLoad({ filter: /\.vue$/ }, (args) => compile(compiler, sass, args.path));
		},
	};
}

function compile(compiler, sass, filename) {
	const { descriptor, errors } = compiler.parse(fs.readFileSync(filename, "utf8"), { filename });
	if (errors.length) return { errors: errors.map(asMessage) };
	const id = crypto
		.createHash("sha256")
		.update(path.basename(filename))
		.update(descriptor.source)
		.digest("hex");
	const scopeId = `data-v-${id.slice(0, 8)}`;
	const scoped = descriptor.styles.some((style) => style.scoped);
	const script = compileScript(compiler, descriptor, scopeId);
	const template = compileTemplate(compiler, descriptor, scopeId, scoped, script.bindings);
	if (template.errors.length) return { errors: template.errors.map(asMessage) };
	const parts = [script.code, template.code];
	if (scoped) parts.push(`component.__scopeId = ${JSON.stringify(scopeId)};`);
	const css = descriptor.styles
		.map((style) => compileStyle(compiler, sass, style, filename, scopeId))
		.join("\n");
	if (css.trim()) {
		parts.push(`const style = document.createElement("style");`);
		parts.push(`style.textContent = ${JSON.stringify(css)};`, `document.head.appendChild(style);`);
	}
	parts.push("export default component;");
	return { contents: parts.join("\n"), loader: "ts", resolveDir: path.dirname(filename) };
}

function compileScript(compiler, descriptor, id) {
	if (!descriptor.script && !descriptor.scriptSetup)
		return { code: "const component = {};", bindings: undefined };
	const script = compiler.compileScript(descriptor, { id, inlineTemplate: false });
	const plugins = script.lang === "ts" ? ["typescript"] : [];
	return { code: compiler.rewriteDefault(script.content, "component", plugins), bindings: script.bindings };
}

function compileTemplate(compiler, descriptor, id, scoped, bindings) {
	if (!descriptor.template) return { code: "", errors: [] };
	const result = compiler.compileTemplate({
		id,
		scoped,
		source: descriptor.template.content,
		filename: descriptor.filename,
		slotted: descriptor.slotted,
		isProd: true,
		compilerOptions: { bindingMetadata: bindings },
	});
	const code = result.code.replace(/\bexport (function|const) render\b/, "$1 renderTemplate");
	return { code: `${code}\ncomponent.render = renderTemplate;`, errors: result.errors };
}

function compileStyle(compiler, sass, style, filename, id) {
	const plain = ["scss", "sass"].includes(style.lang)
		? sass.compileString(style.content, {
				loadPaths: [path.dirname(filename)],
				logger: sass.Logger.silent,
			}).css
		: style.content;
	return compiler.compileStyle({ id, filename, source: plain, scoped: style.scoped }).code;
}

function asMessage(error) {
	return { text: String(error.message || error) };
}
