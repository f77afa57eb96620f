"""The processes that make a site usable: web server, queue worker, scheduler, socket.io."""

import os
import subprocess
import time

from devtools.console import Problem
from devtools.instance import SITE, Instance, offline
from devtools.ports import answers_http, free_port, web_port

START_SECONDS = 90


def start_web(instance: Instance, *, address: str = "127.0.0.1", isolated: bool) -> str:
	"""Starts the web server and socket.io on ports of their own; returns the address of the site.

	`isolated` refuses outgoing HTTP, so that a test never waits for the internet.
	"""
	port = free_port() if isolated else web_port(os.environ.get("RULE24_PORT"))
	url = f"http://127.0.0.1:{port}"
	instance.configure(webserver_port=port, socketio_port=free_port(), host_name=url)
	env = offline(instance.env()) if isolated else {}
	command = [instance.runtime.python, "-m", "devtools.inside.web", SITE, str(port), address]
	instance.start("web", command, **env)
	if instance.runtime.socketio:
		instance.start("socketio", instance.runtime.socketio(instance.root))
	return url


def start_worker(instance: Instance, *, isolated: bool) -> None:
	"""Starts one queue worker for every queue."""
	env = offline(instance.env()) if isolated else {}
	instance.start("worker", _bench(instance, "worker", "--queue", "short,default,long"), **env)


def start_scheduler(instance: Instance) -> None:
	instance.start("schedule", _bench(instance, "schedule"))


def wait_for_web(instance: Instance, url: str) -> None:
	"""Returns when the site answers. Raises Problem with the log when the server died or does not come up."""
	deadline = time.monotonic() + START_SECONDS
	while time.monotonic() < deadline:
		if dead := first_dead(instance):
			raise Problem(
				"A process of the site ended at once.",
				"read the lines above, or ./dev clean",
				_tail(instance, dead),
			)
		if answers_http(f"{url}/api/method/ping", seconds=1):
			return
	raise Problem("The web server does not answer.", f"look into {instance.root / 'logs' / 'web.log'}")


def first_dead(instance: Instance) -> subprocess.Popen | None:
	"""A process of the instance that has ended by itself, if any."""
	return next((process for process in instance.processes if process.poll() is not None), None)


def _tail(instance: Instance, process: subprocess.Popen) -> str:
	words = " ".join(map(str, process.args))
	texts = [f"{words} ended with code {process.returncode}"]
	for log in sorted((instance.root / "logs").glob("*.log"), key=lambda path: path.stat().st_mtime)[-2:]:
		texts += [f"--- {log}", *log.read_text(errors="replace").splitlines()[-15:]]
	return "\n".join(texts)


def _bench(instance: Instance, *words: str) -> list:
	return [instance.runtime.python, "-m", "frappe.utils.bench_helper", "frappe", *words]
