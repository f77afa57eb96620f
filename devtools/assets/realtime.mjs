/**
 * Live updates for the preview runtime, whose Frappe comes without its socket.io server:
 * what Python publishes on the Redis channel "events" goes to the browsers that may see it.
 *
 *   node realtime.mjs NODE_MODULES BENCH_ROOT
 */
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { createRequire } from "node:module";

const [nodeModules, benchRoot] = process.argv.slice(2);
const load = createRequire(path.join(nodeModules, "_.cjs"));
const { Server } = load("socket.io");
const redis = load("redis");
const config = JSON.parse(fs.readFileSync(path.join(benchRoot, "sites", "common_site_config.json"), "utf8"));

const site = `http://127.0.0.1:${config.webserver_port}`;
const server = http.createServer();
const io = new Server(server, { cors: { origin: true, credentials: true } });
const realtime = io.of(`/${config.default_site}`);

/** Asks the site as the user of the socket; undefined when it refuses. */
async function ask(socket, method, values = {}) {
	const url = `${site}/api/method/${method}?${new URLSearchParams(values)}`;
	const answer = await fetch(url, { headers: { Cookie: socket.handshake.headers.cookie || "" } });
	return answer.ok ? ((await answer.json()).message ?? true) : undefined;
}

function sameHost(socket) {
	const { origin, host } = socket.handshake.headers;
	return origin && new URL(origin).hostname === host.split(":")[0];
}

realtime.use(async (socket, next) => {
	if (!sameHost(socket)) return next(new Error("Invalid origin"));
	const info = await ask(socket, "frappe.realtime.get_user_info").catch(() => undefined);
	if (!info) return next(new Error("Unauthorized"));
	Object.assign(socket.data, info);
	next();
});

/** Events by name: who may join or leave which room. */
const ROOMS = {
	task_subscribe: (_, task) => [`task_progress:${task}`],
	task_unsubscribe: (_, task) => [`task_progress:${task}`],
	progress_subscribe: (_, task) => [`task_progress:${task}`],
	doctype_subscribe: async (socket, doctype) =>
		(await ask(socket, "frappe.realtime.can_subscribe_doctype", { doctype })) && [`doctype:${doctype}`],
	doctype_unsubscribe: (_, doctype) => [`doctype:${doctype}`],
	doc_subscribe: (socket, doctype, name) => documentRoom(socket, "doc", doctype, name),
	doc_unsubscribe: (_, doctype, name) => [`doc:${doctype}/${name}`],
	doc_open: (socket, doctype, name) => documentRoom(socket, "open_doc", doctype, name),
	doc_close: (_, doctype, name) => [`open_doc:${doctype}/${name}`],
};

async function documentRoom(socket, prefix, doctype, docname) {
	const allowed = await ask(socket, "frappe.realtime.can_subscribe_doc", { doctype, docname });
	return allowed && [`${prefix}:${doctype}/${docname}`];
}

/** Tells everybody who has the document open who else has. */
async function announceViewers(room) {
	const [doctype, docname] = room.slice("open_doc:".length).split(/\/(.*)/s);
	const sockets = await realtime.in(room).fetchSockets();
	const users = [...new Set(sockets.map((each) => each.data.user))];
	realtime.to(room).emit("doc_viewers", { doctype, docname, users });
}

realtime.on("connection", (socket) => {
	const { user, user_type: kind } = socket.data;
	socket.join(`user:${user}`);
	socket.join("website");
	if (kind === "System User") socket.join("all");
	for (const [event, rooms] of Object.entries(ROOMS)) {
		socket.on(event, async (...words) => {
			const found = await Promise.resolve(rooms(socket, ...words)).catch(() => undefined);
			for (const room of found || []) {
				if (/unsubscribe|close/.test(event)) socket.leave(room);
				else socket.join(room);
				if (room.startsWith("open_doc:")) await announceViewers(room);
			}
		});
	}
	socket.on("disconnecting", () => {
		const open = [...socket.rooms].filter((room) => room.startsWith("open_doc:"));
		setTimeout(() => open.forEach(announceViewers));
	});
});

const subscriber = redis.createClient({ url: config.redis_queue });
subscriber.on("error", (error) => console.error(`redis: ${error.message}`));
await subscriber.connect();
await subscriber.subscribe("events", (text) => {
	const { event, message, room } = JSON.parse(text);
	(room ? realtime.to(room) : realtime).emit(event, message);
});
server.listen(config.socketio_port, "127.0.0.1", () => console.log(`listening on ${config.socketio_port}`));
