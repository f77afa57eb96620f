"""The web server of a development site: Frappe's own application, with the files a proxy would serve.

	python -m devtools.inside.web SITE PORT [ADDRESS]

Unlike `bench serve` it listens on the loopback unless told otherwise, and has no debugger that runs code.
"""

import logging
import os
import sys

import frappe.app
from frappe.middlewares import StaticDataMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.serving import WSGIRequestHandler, run_simple


class Handler(WSGIRequestHandler):
	"""Keeps connections open, as a browser that loads two dozen files likes it."""

	protocol_version = "HTTP/1.1"


def main(site: str, port: str, address: str = "127.0.0.1") -> None:
	sites = os.environ["SITES_PATH"]
	frappe.app._site, frappe.app._sites_path = site, sites
	application = SharedDataMiddleware(
		frappe.app.application, {"/assets": os.path.join(sites, "assets")}, cache_timeout=600
	)
	application = StaticDataMiddleware(application, {"/files": sites})
	logging.getLogger("werkzeug").setLevel(logging.WARNING)
	run_simple(address, int(port), application, threaded=True, request_handler=Handler)


if __name__ == "__main__":
	main(*sys.argv[1:])
