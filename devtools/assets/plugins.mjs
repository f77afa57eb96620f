/** esbuild plugins for what is particular to Frappe's sources. */
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const STATIC = /\.(png|svg|gif|jpe?g|woff2?|ttf|eot)([?#].*)?$/;

/** Server paths stay as they are; a picture or font next to its style sheet is copied, a missing one left alone. */
export function staticFiles() {
	return {
		name: "static-files",
		setup(build) {
			build.onResolve({ filter: /^(\/|https?:|\/?assets\/)/ }, (args) =>
				args.kind === "entry-point" ? undefined : { path: args.path, external: true }
			);
			build.onResolve({ filter: STATIC }, (args) => {
				const file = path.resolve(args.resolveDir, args.path.replace(/[?#].*$/, ""));
				return fs.existsSync(file) ? { path: file } : { path: args.path, external: true };
			});
		},
	};
}

/** `frappe/public/...` means a file of an installed app, wherever that app lies. */
export function inPackages(roots) {
	return {
		name: "in-packages",
		setup(build) {
			build.onResolve({ filter: /^[a-z][a-z0-9_]*\/(public|website|templates)\// }, (args) => {
				const file = roots
					.map((root) => path.join(root, args.path))
					.find((each) => fs.existsSync(each));
				return file ? { path: file } : undefined;
			});
		},
	};
}

/** `import "./x.html"` registers a micro-template under its name. */
export function htmlTemplates() {
	return {
		name: "html-templates",
		setup(build) {
			build.onResolve({ filter: /\.html$/ }, (args) => ({
				path: path.join(args.resolveDir, args.path),
				namespace: "frappe-html",
			}));
			build.onLoad({ filter: /.*/, namespace: "frappe-html" }, (args) => {
				const name = JSON.stringify(path.basename(args.path, ".html"));
				const html = fs
					.readFileSync(args.path, "utf8")
					.replace(/\s+/g, " ")
					.replace(/<!--.*?-->/g, "");
				// Frappe's build puts the text between backquotes, too: its templates escape quotes for that
				const text = html.replace(/`/g, "\\`");
				return { contents: `frappe.templates[${name}] = \`${text}\`;`, loader: "js" };
			});
		},
	};
}

/** Seconds for the date picker: Frappe builds with a fork that knows them, the registry has the original, which does not. */
export function secondsInDatepicker() {
	const seconds = `;(($) => {
		const { prototype } = $.fn.datepicker.Constructor;
		const format = prototype.formatDate;
		prototype.formatDate = function (text, date) {
			return format.call(this, text, date).replace(/\\bss\\b/, String(date.getSeconds()).padStart(2, "0"));
		};
		// sliders that Frappe hides when times have no seconds
		Object.assign($.fn.datepicker.Timepicker.prototype, { $seconds: $(), $secondsText: $() });
	})(jQuery);`;
	return {
		name: "seconds-in-datepicker",
		setup(build) {
			build.onLoad({ filter: /air-datepicker[\\/]dist[\\/]js[\\/]datepicker\.min\.js$/ }, (args) => ({
				contents: fs.readFileSync(args.path, "utf8") + seconds,
				loader: "js",
			}));
		},
	};
}

/** Sass, with `~package/file` from npm and `app/public/file` from any app. */
export function stylesheets(sass, nodeModules, roots) {
	const importers = [
		{
			findFileUrl(url) {
				return url.startsWith("~") ? pathToFileURL(path.join(nodeModules, url.slice(1))) : null;
			},
		},
	];
	return {
		name: "stylesheets",
		setup(build) {
			build.onLoad({ filter: /\.s[ac]ss$/ }, (args) => ({
				contents: sass.compile(args.path, {
					loadPaths: [nodeModules, ...roots],
					importers,
					quietDeps: true,
					logger: sass.Logger.silent,
				}).css,
				loader: "css",
				resolveDir: path.dirname(args.path),
			}));
		},
	};
}
