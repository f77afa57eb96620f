"""Pytest plugin of `./dev test`: the connection to the test site, no internet, and where the servers are."""

import json
import os
import socket

import pytest

from devtools.ports import answers_http

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
	# Every share of the suite has a site and servers of its own.
	places = json.loads(os.environ["RULE24_PLACES"])
	os.environ.update(places[int(worker.removeprefix("gw")) % len(places)])
SITE = os.environ.get("RULE24_SITE")
LOOPBACK = ("127.", "localhost", "::1", "0.0.0.0")


def pytest_sessionstart(session: pytest.Session) -> None:
	"""Connects before test modules are imported; they may read the site's metadata."""
	if getattr(session.config.option, "numprocesses", None) and not worker:
		return  # this process only hands tests out
	_forbid_internet()
	# Frappe reads some paths relative to the folder of sites; its own runner works there, too.
	os.chdir(os.environ["SITES_PATH"])
	import frappe

	frappe.init(site=SITE, sites_path=os.environ["SITES_PATH"])
	frappe.connect()
	_switch_test_mode_on()
	frappe.set_user("Administrator")
	frappe.local.lang = "en"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
	"""What takes longest begins first: a share of the suite that came to it last would be waited for."""
	items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish(session: pytest.Session) -> None:
	"""The web server starts while tests are collected; from here on it is there."""
	if session.items and not answers_http(os.environ["RULE24_URL"] + "/api/method/ping", seconds=120):
		log = os.path.join(os.environ["FRAPPE_BENCH_ROOT"], "logs", "web.log")
		pytest.exit(f"The web server of the test site does not answer; its log is {log}", returncode=3)


def pytest_sessionfinish(session: pytest.Session) -> None:
	import frappe

	frappe.destroy()


def _switch_test_mode_on() -> None:
	"""Frappe 16 keeps it in a variable of a module, too; only that keeps mails and jobs from being sent."""
	import frappe

	frappe.flags.in_test = True
	try:
		from frappe.tests.utils import toggle_test_mode
	except ImportError:
		return
	toggle_test_mode(True)


@pytest.fixture(scope="session")
def site_url() -> str:
	"""The address of the running web server of the test site, without a slash at the end."""
	return os.environ["RULE24_URL"]


@pytest.fixture(scope="session")
def chromium_path() -> str:
	"""The path of Chromium; a test that needs it is skipped, with that said, where there is none."""
	path = os.environ.get("RULE24_CHROMIUM")
	if not path:
		pytest.skip("no Chromium on this machine")
	return path


@pytest.fixture(scope="session")
def runtime_kind() -> str:
	"""`preview` or `bench`."""
	return os.environ["RULE24_KIND"]


def _forbid_internet() -> None:
	"""Refuses every connection but those to this machine, at once and with a word why."""
	connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

	def check(address) -> None:
		if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
			raise ConnectionRefusedError(f"tests do not reach the internet: {address[0]}")

	def guarded(self, address):
		check(address)
		return connect(self, address)

	def guarded_ex(self, address):
		check(address)
		return connect_ex(self, address)

	socket.socket.connect, socket.socket.connect_ex = guarded, guarded_ex
