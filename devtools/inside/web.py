"""The web server of a development site: Frappe's own application, with the files a proxy would serve.

	python -m devtools.inside.web SITE PORT [ADDRESS]

Gunicorn, as on a production bench: it keeps connections open for a browser that loads two dozen files, which `bench
serve` does not. It listens on the loopback unless told otherwise, and has no debugger that runs code.
"""

import os
import sys

import frappe.app
from frappe.middlewares import StaticDataMiddleware
from gunicorn.app.base import BaseApplication
from werkzeug.middleware.shared_data import SharedDataMiddleware

THREADS = 16
IDLE_SECONDS = 75


class Server(BaseApplication):
	"""One process with threads: a worker of its own would not see what another has cached."""

	def __init__(self, application, bind: str):
		self.application, self.bind = application, bind
		super().__init__()

	def load_config(self) -> None:
		for key, value in {
			"bind": self.bind,
			"worker_class": "gthread",
			"workers": 1,
			"threads": THREADS,
			"keepalive": IDLE_SECONDS,
			"timeout": 0,  # a slow answer is not a dead server
			"graceful_timeout": 1,
			"loglevel": "warning",
		}.items():
			self.cfg.set(key, value)

	def load(self):
		return self.application


def main(site: str, port: str, address: str = "127.0.0.1") -> None:
	sites = os.environ["SITES_PATH"]
	frappe.app._site, frappe.app._sites_path = site, sites
	application = SharedDataMiddleware(
		frappe.app.application, {"/assets": os.path.join(sites, "assets")}, cache_timeout=600
	)
	application = StaticDataMiddleware(application, {"/files": sites})
	Server(application, f"{address}:{port}").run()


if __name__ == "__main__":
	main(*sys.argv[1:])
