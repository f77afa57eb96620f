"""One running bench root of ours: apps linked, sites, servers, logs. `up`, `test` and `bench` have their own."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devtools.assets_build import app_bundles
from devtools.cache import locked
from devtools.console import Problem, console
from devtools.layout import APP, REPO, RUNTIME
from devtools.processes import Ledger, end, run, spawn
from devtools.production import ProductionMariaDB
from devtools.runtime import Runtime
from devtools.servers import MariaDB, Redis

SITE = "rule24.localhost"
SLOTS = 8


class Instance:
	"""The folder `.runtime/<runtime>-<purpose>` and the processes that serve it."""

	def __init__(self, runtime: Runtime, purpose: str, *, durable: bool, production: bool = False):
		self.runtime = runtime
		self.purpose = purpose
		self.root = RUNTIME / f"{runtime.name}-{purpose}"
		self.ledger = Ledger(self.root / "run" / "processes.json")
		self.mariadb = ProductionMariaDB(self.root) if production else MariaDB(self.root, durable=durable)
		self.cache, self.queue = Redis(self.root, "cache"), Redis(self.root, "queue")
		self.processes: list[subprocess.Popen] = []
		self.config: dict = {}

	@property
	def sites(self) -> Path:
		return self.root / "sites"

	@property
	def site_folder(self) -> Path:
		return self.sites / SITE

	@property
	def marker(self) -> Path:
		"""Says which snapshot and which app the data came from."""
		return self.root / "run" / "state.json"

	def env(self) -> dict[str, str]:
		return {
			**self.runtime.env(),
			**self.place(),
			"DEV_SERVER": "1",
			"PYTHONPYCACHEPREFIX": str(RUNTIME / "pycache"),
		}

	def place(self) -> dict[str, str]:
		"""The variables that differ from one instance of a runtime to another."""
		return {
			"FRAPPE_BENCH_ROOT": str(self.root),
			"SITES_PATH": str(self.sites),
			"FRAPPE_REDIS_CACHE": self.cache.url,
			"FRAPPE_REDIS_QUEUE": self.queue.url,
		}

	def lay_out(self) -> None:
		"""Folders and links: apps, assets, the list of apps."""
		for folder in ("apps", "sites/assets", "logs", "config/pids", "run"):
			(self.root / folder).mkdir(parents=True, exist_ok=True)
		apps = {**self.runtime.apps, "rule24_crm": REPO}
		for name, place in apps.items():
			_link(self.root / "apps" / name, place)
		(self.sites / "apps.txt").write_text("\n".join(apps) + "\n")
		self._lay_out_assets()

	def _lay_out_assets(self) -> None:
		assets = self.sites / "assets"
		for name, place in self.runtime.assets.items():
			_link(assets / name, place)
		dist, manifest = app_bundles(self.runtime.node_modules, self.runtime.apps["frappe"])
		ours = assets / "rule24_crm"
		shutil.rmtree(ours, ignore_errors=True)
		ours.mkdir()
		public = APP / "public"
		for entry in public.iterdir() if public.is_dir() else ():
			_link(ours / entry.name, entry)
		if dist:
			_link(ours / "dist", dist)
		(assets / "assets.json").write_text(json.dumps({**self.runtime.manifest, **manifest}))
		(assets / "assets-rtl.json").write_text("{}")

	def configure(self, **values) -> None:
		"""Writes `common_site_config.json` for the ports of this run."""
		self.config = {
			"db_host": "127.0.0.1",
			"db_port": self.mariadb.port,
			"redis_cache": self.cache.url,
			"redis_queue": self.queue.url,
			"redis_socketio": self.queue.url,
			"default_site": SITE,
			"mute_emails": 1,
			"developer_mode": int(os.environ.get("RULE24_DEVELOPER_MODE") or 0),
			"server_script_enabled": 0,
			"allow_tests": True,
			"monitor": 0,
			**self.config,
			**values,
		}
		(self.sites / "common_site_config.json").write_text(json.dumps(self.config, indent=1))

	def start_servers(self) -> None:
		for server in (self.mariadb, self.cache, self.queue):
			self._own(server.start())
		self.configure()

	def start(self, name: str, command: Sequence[str | Path], **env: str) -> subprocess.Popen:
		"""Starts one more process of the site, in `sites`, with its output in `logs/<name>.log`."""
		with open(self.root / "logs" / f"{name}.log", "wb") as output:
			process = spawn(command, env={**self.env(), **env}, cwd=self.sites, output=output)
		self._own(process)
		return process

	def _own(self, process: subprocess.Popen) -> None:
		self.processes.append(process)
		self.ledger.add(process.pid)

	def stop(self) -> None:
		"""Ends every process of the instance; the databases last, when nobody talks to them any more."""
		stores = [server.process for server in (self.mariadb, self.cache, self.queue) if server.process]
		end([process for process in self.processes if process not in stores])
		end(stores)
		self.processes.clear()
		self.ledger.clear()
		shutil.rmtree(self.mariadb.scratch, ignore_errors=True)

	def frappe(self, *words: str, log: str, what: str) -> str:
		"""Runs a command of Frappe's own command line on the site."""
		site = [] if words[0] == "new-site" else ["--site", SITE]
		return self.python("-m", "frappe.utils.bench_helper", "frappe", *site, *words, log=log, what=what)

	def inside(self, module: str, *words: str, log: str, what: str) -> str:
		"""Runs `devtools.inside.<module>` in the runtime's own Python."""
		return self.python("-m", f"devtools.inside.{module}", SITE, *words, log=log, what=what)

	def python(self, *words: str, log: str, what: str) -> str:
		return run(
			[self.runtime.python, *words],
			log=f"{self.root.name}-{log}",
			env=offline(self.env()),
			cwd=self.sites,
			what=what,
		)


@contextmanager
def opened(
	runtime: Runtime, purpose: str, *, durable: bool = False, production: bool = False, many: bool = False
) -> Iterator[Instance]:
	"""An instance of our own for as long as the block runs: locked, left-overs ended, stopped at the end.

	With `production` its database is set up as that of a production bench. With `many` the first free one of several is
	taken, so that two runs in one clone do not wait for each other.
	"""
	with ExitStack() as stack:
		name = _take_slot(stack, runtime, purpose, SLOTS if many else 1)
		instance = Instance(runtime, name, durable=durable, production=production)
		left = instance.ledger.end_leftovers()
		if left:
			console.say(f" . ended {len(left)} processes that a killed run had left")
		try:
			yield instance
		finally:
			instance.stop()


def _take_slot(stack: ExitStack, runtime: Runtime, purpose: str, slots: int) -> str:
	for number in range(1, slots + 1):
		name = purpose if number == 1 else f"{purpose}-{number}"
		try:
			stack.enter_context(locked(RUNTIME / "locks" / f"{runtime.name}-{name}.lock", wait=0))
			return name
		except Problem:
			continue
	raise Problem(
		f"./dev {purpose} is running already in this folder.", "use that one, or end it: ./dev stop"
	)


def offline(env: dict[str, str]) -> dict[str, str]:
	"""`env` with outgoing HTTP refused at once: set-up and tests neither need nor wait for the internet."""
	dead = "http://127.0.0.1:9"
	return {**env, **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), dead)}


def _link(link: Path, target: Path) -> None:
	if link.is_symlink() or link.is_file():
		link.unlink()
	elif link.is_dir():
		shutil.rmtree(link)
	link.symlink_to(target)
