"""One headless Chromium, spoken to through the DevTools protocol over a pipe.

Chromium reads commands from its file descriptor 3 and answers on 4 (`--remote-debugging-pipe`): JSON messages, each
ended by a zero byte. So no port is open to other users of the machine, no library is needed, and the browser ends by
itself when this process dies in whatever way, because the pipe closes.

The page it prints is cut off: scripts are disabled, the network is offline, local files are not reachable. What a
document needs (styles, images) must be inside the HTML.
"""

from __future__ import annotations

import base64
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import NamedTuple

START_SECONDS = 30
PRINT_SECONDS = 60
CHUNK = 1 << 20
#: CSS pixels to an inch
CSS_INCH = 96

#: puts the two ends of the pipe where Chromium expects them; a process of its own, because code between fork and exec
#: (preexec_fn) can dead-lock a program with threads
LAUNCHER = """
import os, sys
read_end, write_end = os.dup(int(sys.argv[1])), os.dup(int(sys.argv[2]))
os.dup2(read_end, 3)
os.dup2(write_end, 4)
os.set_inheritable(3, True)  # dup2 of a descriptor to itself leaves it closed at exec
os.set_inheritable(4, True)
os.execv(sys.argv[3], sys.argv[3:])
"""

ARGUMENTS = (
	"--headless",
	"--remote-debugging-pipe",
	"--disable-gpu",
	"--in-process-gpu",
	"--disable-extensions",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-default-apps",
	"--disable-sync",
	"--disable-dev-shm-usage",
	"--font-render-hinting=none",
	"--hide-scrollbars",
	"--mute-audio",
	"--no-first-run",
	"--no-pings",
	"--host-resolver-rules=MAP * ~NOTFOUND",
)


class ChromiumError(Exception):
	"""Chromium did not start, died, answered with an error, or took too long."""


class Paper(NamedTuple):
	"""Size and margins of a page, in inches."""

	width: float
	height: float
	top: float
	right: float
	bottom: float
	left: float


class Chromium:
	"""A running browser with one blank page. Not safe for several threads at once: the caller holds a lock."""

	def __init__(self, binary: str):
		"""Start `binary`.

		:raises ChromiumError: it does not start within `START_SECONDS`.
		"""
		self.printed = 0
		self._last_id = 0
		self._buffer = bytearray()
		self._events: list[dict] = []
		self._start(binary)
		try:
			self._open_page(time.monotonic() + START_SECONDS)
		except BaseException:
			self.close()
			raise

	@property
	def alive(self) -> bool:
		"""Whether the browser still runs."""
		return self._process.poll() is None

	def pdf(self, html: str, paper: Paper, *, footer: str = "") -> bytes:
		"""Print a whole HTML document.

		:param html: with everything it needs inside.
		:param paper: page size and margins; backgrounds are printed.
		:param footer: HTML of the bottom margin, printed only when there is more than one page. Elements of the classes
			`pageNumber` and `totalPages` are filled in.
		:raises ChromiumError: see the class.
		"""
		deadline = time.monotonic() + PRINT_SECONDS
		self._events.clear()
		self._call("Page.setDocumentContent", deadline, frameId=self._frame, html=html)
		self._wait_for("Page.loadEventFired", deadline)
		# printing is what takes time: the footer is guessed, and only a wrong guess costs a second pass
		long = bool(footer) and self._looks_long(paper, deadline)
		content = self._print(paper, footer if long else "", deadline)
		if footer and long != (_pages(content) > 1):
			content = self._print(paper, "" if long else footer, deadline)
		self.printed += 1
		return content

	def close(self) -> None:
		"""End the browser: closing the pipe asks it to, and it removes its temporary profile; killed if it does not."""
		self._close_pipe()
		try:
			self._process.wait(3)
		except subprocess.TimeoutExpired:
			self._kill()

	def _kill(self) -> None:
		# the whole group: what we started may be a script around the browser
		with suppress(ProcessLookupError):
			os.killpg(self._process.pid, signal.SIGKILL)
		self._process.wait()

	def forget(self) -> None:
		"""Let go of a browser that belongs to the parent process: called in a child after a fork."""
		self._close_pipe()
		self._process.returncode = 0

	def _close_pipe(self) -> None:
		for end in ("_write_end", "_read_end"):
			if (descriptor := getattr(self, end)) is not None:
				os.close(descriptor)
				setattr(self, end, None)

	def _start(self, binary: str) -> None:
		to_browser, self._write_end = os.pipe()
		self._read_end, from_browser = os.pipe()
		os.set_blocking(self._write_end, False)
		arguments = [*ARGUMENTS]
		if os.geteuid() == 0:
			# Chromium's sandbox refuses to work for root; production servers do not run as root
			arguments.append("--no-sandbox")
		try:
			self._process = subprocess.Popen(
				[
					sys.executable,
					"-I",
					"-S",
					"-c",
					LAUNCHER,
					str(to_browser),
					str(from_browser),
					binary,
					*arguments,
				],
				pass_fds=(to_browser, from_browser),
				stdin=subprocess.DEVNULL,
				stdout=subprocess.DEVNULL,
				stderr=subprocess.DEVNULL,
				start_new_session=True,
			)
		except OSError as error:
			for descriptor in (self._write_end, self._read_end):
				os.close(descriptor)
			raise ChromiumError(f"Chromium did not start: {error}") from error
		finally:
			os.close(to_browser)
			os.close(from_browser)

	def _open_page(self, deadline: float) -> None:
		self._session = None
		target = self._call("Target.createTarget", deadline, url="about:blank")["targetId"]
		self._session = self._call("Target.attachToTarget", deadline, targetId=target, flatten=True)[
			"sessionId"
		]
		self._call("Page.enable", deadline)
		self._call("Network.enable", deadline)
		self._call("Emulation.setEmulatedMedia", deadline, media="print")
		self._call("Emulation.setScriptExecutionDisabled", deadline, value=True)
		self._call(
			"Network.emulateNetworkConditions",
			deadline,
			offline=True,
			latency=0,
			downloadThroughput=0,
			uploadThroughput=0,
		)
		self._frame = self._call("Page.getFrameTree", deadline)["frameTree"]["frame"]["id"]

	def _looks_long(self, paper: Paper, deadline: float) -> bool:
		"""Whether the document, laid out as wide as the paper, is about as high as a page or higher."""
		width = paper.width - paper.left - paper.right
		height = paper.height - paper.top - paper.bottom
		self._call(
			"Emulation.setDeviceMetricsOverride",
			deadline,
			width=max(1, round(width * CSS_INCH)),
			height=1,
			deviceScaleFactor=1,
			mobile=False,
		)
		size = self._call("Page.getLayoutMetrics", deadline)["cssContentSize"]
		return size["height"] > 0.95 * height * CSS_INCH

	def _print(self, paper: Paper, footer: str, deadline: float) -> bytes:
		answer = self._call(
			"Page.printToPDF",
			deadline,
			paperWidth=paper.width,
			paperHeight=paper.height,
			marginTop=paper.top,
			marginRight=paper.right,
			marginBottom=paper.bottom,
			marginLeft=paper.left,
			printBackground=True,
			generateTaggedPDF=False,  # a third of the time, for a structure that invoices do without
			displayHeaderFooter=bool(footer),
			headerTemplate="<span></span>",
			footerTemplate=footer or "<span></span>",
		)
		return base64.b64decode(answer["data"])

	def _call(self, method: str, deadline: float, **params) -> dict:
		self._last_id += 1
		message = {"id": self._last_id, "method": method, "params": params}
		if self._session:
			message["sessionId"] = self._session
		self._send(json.dumps(message).encode() + b"\0", deadline)
		while True:
			answer = self._receive(deadline)
			if answer.get("id") != self._last_id:
				self._events.append(answer)
			elif "error" in answer:
				raise ChromiumError(f"{method}: {answer['error'].get('message')}")
			else:
				return answer["result"]

	def _wait_for(self, event: str, deadline: float) -> None:
		while not any(message.get("method") == event for message in self._events):
			self._events.append(self._receive(deadline))

	def _send(self, data: bytes, deadline: float) -> None:
		view = memoryview(data)
		while view:
			self._ready(self._write_end, select.POLLOUT, deadline)
			try:
				view = view[os.write(self._write_end, view) :]
			except OSError as error:
				raise ChromiumError("Chromium has ended") from error

	def _receive(self, deadline: float) -> dict:
		searched = 0
		while (end := self._buffer.find(b"\0", searched)) < 0:
			searched = len(self._buffer)
			self._ready(self._read_end, select.POLLIN, deadline)
			data = os.read(self._read_end, CHUNK)
			if not data:
				raise ChromiumError("Chromium has ended")
			self._buffer += data
		message = json.loads(self._buffer[:end])
		del self._buffer[: end + 1]
		return message

	def _ready(self, descriptor: int, what: int, deadline: float) -> None:
		poll = select.poll()
		poll.register(descriptor, what)
		if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
			raise ChromiumError("Chromium does not answer")


def _pages(content: bytes) -> int:
	"""The number of pages, read from the page tree, which Chromium writes uncompressed."""
	return len(re.findall(rb"/Type\s*/Page\b", content))
