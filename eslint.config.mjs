/** What a linter can find in the Desk's scripts and in the tools of the runtime. */
const desk = [
	"frappe",
	"erpnext",
	"rule24_crm",
	"strip_html",
	"format_currency",
	"format_number",
	"open_url_post",
	"rule24",
	"$",
	"jQuery",
	"moment",
	"__",
	"cint",
	"flt",
	"cstr",
	"locals",
	"io",
];
const browser = [
	"window",
	"document",
	"console",
	"setTimeout",
	"clearTimeout",
	"URL",
	"URLSearchParams",
	"FormData",
];
const node = ["process", "console", "setTimeout", "fetch", "URL", "URLSearchParams"];

const globals = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));
const rules = {
	"no-undef": "error",
	"no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
	"no-restricted-globals": [
		"error",
		{ name: "cur_frm", message: "The form is an argument of the handler." },
	],
	"no-var": "error",
	"prefer-const": "error",
	eqeqeq: ["error", "smart"],
};

export default [
	{ ignores: [".runtime/**", "**/node_modules/**", "**/dist/**"] },
	{ files: ["rule24_crm/**/*.js"], languageOptions: { globals: globals([...desk, ...browser]) }, rules },
	{ files: ["devtools/**/*.mjs"], languageOptions: { globals: globals(node) }, rules },
];
