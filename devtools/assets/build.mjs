/**
 * Bundles the `*.bundle.*` files of one Frappe app the way Frappe's own build does:
 * hashed files below `dist/js` and `dist/css`, and a manifest from bundle name to URL.
 *
 *   node build.mjs --app NAME --source PACKAGE_DIR --dist DIR --manifest FILE
 *                  --node-modules DIR [--root PARENT_OF_PACKAGES]...
 *
 * The npm packages live in a cache, away from this file; that is why they are required by path.
 */
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { htmlTemplates, inPackages, secondsInDatepicker, staticFiles, stylesheets } from "./plugins.mjs";
import { vueComponents } from "./vue.mjs";

const { values: options } = parseArgs({
	options: {
		app: { type: "string" },
		source: { type: "string" },
		dist: { type: "string" },
		manifest: { type: "string" },
		"node-modules": { type: "string" },
		root: { type: "string", multiple: true, default: [] },
	},
});

const nodeModules = path.resolve(options["node-modules"]);
const load = createRequire(path.join(nodeModules, "_.cjs"));
const esbuild = load("esbuild");
const source = path.resolve(options.source);
const dist = path.resolve(options.dist);
const roots = [path.dirname(source), ...options.root.map((root) => path.resolve(root))];

const KINDS = { js: /\.bundle\.(js|ts)$/, css: /\.bundle\.(css|scss|sass)$/ };

function bundleFiles(directory) {
	if (!fs.existsSync(directory)) return [];
	return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
		const file = path.join(directory, entry.name);
		if (entry.isDirectory()) {
			return ["node_modules", "dist"].includes(entry.name) ? [] : bundleFiles(file);
		}
		return entry.name.includes(".bundle.") ? [file] : [];
	});
}

async function build(kind, files) {
	const entryPoints = Object.fromEntries(files.map((file) => [path.parse(file).name, file]));
	const result = await esbuild.build({
		entryPoints,
		outdir: path.join(dist, kind),
		entryNames: "[name].[hash]",
		assetNames: "[name].[hash]",
		publicPath: `/assets/${options.app}/dist/${kind}`,
		bundle: true,
		minify: true,
		metafile: true,
		target: "es2017",
		logLevel: "error",
		nodePaths: [nodeModules],
		resolveExtensions: [".mjs", ".js", ".ts", ".vue", ".json"],
		loader: Object.fromEntries(
			["png", "svg", "gif", "jpg", "woff", "woff2", "ttf", "eot"].map((ext) => [`.${ext}`, "file"])
		),
		define: {
			"process.env.NODE_ENV": '"production"',
			__VUE_OPTIONS_API__: "true",
			__VUE_PROD_DEVTOOLS__: "false",
		},
		plugins: [
			staticFiles(),
			inPackages(roots),
			htmlTemplates(),
			secondsInDatepicker(),
			vueComponents(load),
			stylesheets(load("sass"), nodeModules, roots),
		],
	});
	const manifest = {};
	for (const [output, about] of Object.entries(result.metafile.outputs)) {
		const file = path.resolve(output);
		const name = path.basename(file).replace(/\.[A-Z0-9]{8}\.(js|css)$/, ".$1");
		const bundled = about.entryPoint || /\.bundle\.css$/.test(name);
		if (bundled) manifest[name] = `/assets/${options.app}/dist/${path.relative(dist, file)}`;
	}
	return manifest;
}

const files = bundleFiles(path.join(source, "public"));
// The style sheets of a script bundle must not hide a style bundle of the same name: css goes last.
const manifest = {};
for (const [kind, pattern] of Object.entries(KINDS)) {
	const mine = files.filter((file) => pattern.test(file));
	if (mine.length) Object.assign(manifest, await build(kind, mine));
}
fs.mkdirSync(path.dirname(path.resolve(options.manifest)), { recursive: true });
fs.writeFileSync(options.manifest, JSON.stringify(manifest, null, "\t") + "\n");
console.log(`${options.app}: ${Object.keys(manifest).length} bundles`);
