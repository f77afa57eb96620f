"""What the user sees: one line per step with its time, and problems that say what to do."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT_SECONDS = 30


class Problem(Exception):
	"""Something the user can do about: `message` says what is wrong, `hint` what to do."""

	def __init__(self, message: str, hint: str = "", detail: str = ""):
		super().__init__(message)
		self.message, self.hint, self.detail = message, hint, detail

	def __str__(self) -> str:
		parts = [self.message]
		if self.detail:
			parts.append("\n".join("    " + line for line in self.detail.strip().splitlines()))
		if self.hint:
			parts.append(f"What to do: {self.hint}")
		return "\n".join(parts)


class Console:
	"""Prints finished steps; on a terminal also a live line of what is running, elsewhere a sign of life."""

	def __init__(self, stream=None):
		self.stream = stream or sys.stderr
		self.tty = self.stream.isatty()
		self.started = time.monotonic()
		self._running: dict[str, float] = {}
		self._lock = threading.Lock()
		self._ticker: threading.Thread | None = None
		self._live = False

	@contextmanager
	def step(self, label: str) -> Iterator[None]:
		"""Runs a block as one step; a failing one is marked and its error goes on."""
		begun = time.monotonic()
		with self._lock:
			self._running[label] = begun
		self._tick_in_background()
		mark = "x"
		try:
			yield
			mark = "+"
		finally:
			took = time.monotonic() - begun
			with self._lock:
				self._running.pop(label, None)
				self._line(f" {mark} {label} ({took:.1f} s)")

	def say(self, text: str = "") -> None:
		with self._lock:
			self._line(text)

	def _line(self, text: str) -> None:
		self._clear()
		self.stream.write(text + "\n")
		self.stream.flush()

	def _clear(self) -> None:
		if self._live:
			self.stream.write("\r\033[K")
			self._live = False

	def _tick_in_background(self) -> None:
		if self._ticker is None or not self._ticker.is_alive():
			self._ticker = threading.Thread(target=self._tick, daemon=True)
			self._ticker.start()

	def _tick(self) -> None:
		pause = 0.2 if self.tty else HEARTBEAT_SECONDS
		while True:
			time.sleep(pause)
			with self._lock:
				if not self._running:
					self._ticker = None
					return
				now = time.monotonic()
				text = ", ".join(f"{label} {now - begun:.0f} s" for label, begun in self._running.items())
				if self.tty:
					self._clear()
					self.stream.write(f" . {text}"[:110])
					self.stream.flush()
					self._live = True
				else:
					self._line(f" . still at it: {text}")


console = Console()
