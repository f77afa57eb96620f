"""Free TCP ports on the loopback."""

import socket
import time
import urllib.request

from devtools.console import Problem


def is_free(port: int, host: str = "127.0.0.1") -> bool:
	with socket.socket() as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			probe.bind((host, port))
		except OSError:
			return False
	return True


def free_port() -> int:
	"""A port that nobody listens on now."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return probe.getsockname()[1]


def web_port(wanted: str | None, first: int = 8000) -> int:
	"""The port for the Desk: exactly `wanted` when given, else the first free one from `first` on."""
	if wanted:
		if not wanted.isdigit() or not 0 < int(wanted) < 65536:
			raise Problem(f"RULE24_PORT={wanted} is not a port.", "give a number from 1 to 65535")
		if not is_free(int(wanted)):
			raise Problem(
				f"Port {wanted} is taken by another program.",
				"end that program, or choose another port with RULE24_PORT, or none to take any free one",
			)
		return int(wanted)
	return next((port for port in range(first, first + 100) if is_free(port)), 0) or free_port()


def answers(port: int) -> bool:
	"""Whether somebody accepts connections on the port."""
	with socket.socket() as probe:
		probe.settimeout(0.5)
		return probe.connect_ex(("127.0.0.1", port)) == 0


def greeting(port: int) -> bytes:
	"""The first bytes that a server sends by itself; nothing when it is not there or keeps silent."""
	try:
		with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
			return connection.recv(64)
	except OSError:
		return b""


def answers_http(url: str, seconds: float) -> bool:
	"""Waits until the address answers with 200, no longer than `seconds`; whether it did. Uses no proxy."""
	opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		try:
			with opener.open(url, timeout=10) as answer:
				if answer.status == 200:
					return True
		except OSError:
			time.sleep(0.1)
	return False
