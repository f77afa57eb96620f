"""MariaDB and Redis of one instance: started on free ports of the loopback, below the instance's folder."""

import os
import secrets
import subprocess
import tempfile
import time
from pathlib import Path

from devtools.console import Problem
from devtools.failures import explain
from devtools.layout import digest
from devtools.packages import find_program
from devtools.ports import answers, free_port, greeting
from devtools.processes import run, spawn

START_SECONDS = 60
ATTEMPTS = 3


class Server:
	"""A program that listens on a port. A port lost to somebody else between choice and start is replaced."""

	name = "server"

	def __init__(self, root: Path):
		self.root = root
		self.port = 0
		self.process: subprocess.Popen | None = None

	@property
	def log(self) -> Path:
		return self.root / "logs" / f"{self.name}.log"

	def command(self) -> list[str | Path]:
		raise NotImplementedError

	def start(self) -> subprocess.Popen:
		"""Starts the program and waits until it answers. Raises Problem with the end of its log."""
		self.log.parent.mkdir(parents=True, exist_ok=True)
		for attempt in range(ATTEMPTS):
			self.port = free_port()
			with open(self.log, "wb") as output:
				self.process = spawn(self.command(), output=output, cwd=self.root)
			if self._wait():
				return self.process
			text = self.log.read_text(errors="replace")
			if "already in use" not in text or attempt == ATTEMPTS - 1:
				message, hint = explain(text, f"Starting {self.name}")
				raise Problem(message, hint, "\n".join(text.strip().splitlines()[-8:]))
		raise AssertionError("unreachable")

	def ready(self) -> bool:
		"""Whether the program does its work, not only holds the port."""
		return answers(self.port)

	def _wait(self) -> bool:
		deadline = time.monotonic() + START_SECONDS
		while time.monotonic() < deadline:
			if self.process.poll() is not None:
				return False
			if self.ready():
				return True
			time.sleep(0.05)
		return False


class Redis(Server):
	"""One Redis without persistence: what it holds is worth nothing after a restart."""

	def __init__(self, root: Path, purpose: str):
		super().__init__(root)
		self.name = f"redis-{purpose}"

	@property
	def url(self) -> str:
		return f"redis://127.0.0.1:{self.port}"

	def command(self) -> list[str | Path]:
		folder = self.root / "redis"
		folder.mkdir(exist_ok=True)
		return [
			*(find_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"),
			*("--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", folder),
		]


class MariaDB(Server):
	"""One MariaDB with its data in `<root>/mariadb`. The password of its root changes with every start."""

	name = "mariadb"

	def __init__(self, root: Path, *, durable: bool):
		super().__init__(root)
		self.durable = durable
		self.root_password = secrets.token_hex(12)

	@property
	def data(self) -> Path:
		return self.root / "mariadb"

	@property
	def scratch(self) -> Path:
		"""A folder with a short path: a Unix socket's may not be longer than 107 characters."""
		return Path(tempfile.gettempdir()) / f"rule24-{os.getuid()}-{digest(str(self.root))}"

	@property
	def socket(self) -> Path:
		return self.scratch / "mariadb.sock"

	def initialise(self) -> None:
		"""Makes an empty data folder."""
		self._prepare_scratch()
		run(
			[
				find_program("mariadb-install-db"),
				"--no-defaults",
				f"--datadir={self.data}",
				f"--tmpdir={self.scratch}",
				"--auth-root-authentication-method=normal",
				"--skip-test-db",
				"--skip-name-resolve",
				*_as_user(),
			],
			log="mariadb-install",
			what="Making an empty database",
		)

	def command(self) -> list[str | Path]:
		return [
			*(find_program("mariadbd"), "--no-defaults", *_as_user()),
			*(f"--datadir={self.data}", f"--socket={self.socket}", f"--tmpdir={self.scratch}"),
			*(f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve"),
			*(f"--pid-file={self.scratch / 'mariadb.pid'}", f"--init-file={self._init_file()}"),
			*("--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci"),
			*("--innodb-log-file-size=64M", "--innodb-buffer-pool-size=512M", "--performance-schema=off"),
			*("--skip-log-bin", "--max-connections=100", "--max-allowed-packet=64M"),
			f"--innodb-flush-log-at-trx-commit={1 if self.durable else 0}",
			f"--innodb-doublewrite={'ON' if self.durable else 'OFF'}",
		]

	def start(self) -> subprocess.Popen:
		self._prepare_scratch()
		process = super().start()
		(self.scratch / "init.sql").unlink(missing_ok=True)
		return process

	def ready(self) -> bool:
		# The greeting comes only after the init file has been carried out; its fifth byte is the protocol.
		return greeting(self.port)[4:5] == b"\x0a"

	def _prepare_scratch(self) -> None:
		self.scratch.mkdir(mode=0o700, exist_ok=True)
		if self.scratch.stat().st_uid != os.getuid():
			raise Problem(f"{self.scratch} belongs to another user.", "remove it as that user")

	def _init_file(self) -> Path:
		path = self.scratch / "init.sql"
		path.touch(mode=0o600)
		accounts = ("'root'@'localhost'", "'root'@'127.0.0.1'")
		path.write_text(
			"".join(
				f"CREATE USER IF NOT EXISTS {account};\n"
				f"ALTER USER {account} IDENTIFIED BY '{self.root_password}';\n"
				f"GRANT ALL PRIVILEGES ON *.* TO {account} WITH GRANT OPTION;\n"
				for account in accounts
			)
		)
		return path


def _as_user() -> list[str]:
	return ["--user=root"] if os.geteuid() == 0 else []
