"""What goes wrong on other people's machines is said in words with an advice."""

import errno
import io
import os
import socket

import pytest

from devtools import bench, cli, packages, ports, runtime, suite, tools
from devtools.console import Console, Problem
from devtools.failures import explain


@pytest.mark.parametrize(
	("output", "reason"),
	[
		("curl: (6) Could not resolve host", "registry cannot be reached"),
		("npm error code ENOTFOUND", "registry cannot be reached"),
		("error: Failed to fetch: `https://example.org/simple/`", "registry cannot be reached"),
		("E: Temporary failure resolving 'deb.example.org'", "registry cannot be reached"),
		("OSError: [Errno 28] No space left on device", "disk is full"),
		("npm error code ENOSPC", "disk is full"),
		("E: Could not get lock /var/lib/dpkg/lock-frontend", "package manager is running"),
		("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the one that was pinned"),
		("npm error code EINTEGRITY", "not the one that was pinned"),
		("npm error code EACCES", "may not be written"),
		("something else", "Installing did not work"),
	],
)
def test_reasons(output, reason):
	message, hint = explain(output, "Installing", online=True)
	assert reason in message
	assert hint


def test_refused_connection_to_an_own_server_is_not_the_network():
	message, _hint = explain("pymysql: Connection refused", "Making a site")
	assert "registry" not in message


def test_missing_packages_without_root(monkeypatch):
	monkeypatch.setattr(packages, "missing", lambda: [packages.Requirement(("redis-server",))])
	monkeypatch.setattr(packages, "find_program", lambda name: "/usr/bin/" + name)
	monkeypatch.setattr(os, "geteuid", lambda: 1000)
	with pytest.raises(Problem) as raised:
		packages.ensure()
	assert "only root" in raised.value.message
	assert "apt-get install --no-install-recommends redis-server" in raised.value.hint


def test_missing_packages_without_apt(monkeypatch):
	monkeypatch.setattr(packages, "missing", lambda: [packages.Requirement(("redis-server",))])
	monkeypatch.setattr(packages, "find_program", lambda name: None)
	with pytest.raises(Problem, match="not a Debian"):
		packages.ensure()


def test_optional_packages_stop_nobody(monkeypatch):
	monkeypatch.setattr(packages, "missing", lambda: [packages.Requirement(("wkhtmltopdf",), optional=True)])
	packages.ensure()


@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 0\n"])
def test_services_policy_is_put_back(monkeypatch, tmp_path, before):
	policy = tmp_path / "policy-rc.d"
	if before:
		policy.write_text(before)
	monkeypatch.setattr(packages, "POLICY", policy)
	with pytest.raises(RuntimeError):
		with packages.services_held_back():
			assert policy.exists()
			raise RuntimeError
	assert (policy.read_text() if policy.exists() else None) == before


def test_left_over_policy_of_a_killed_run_is_removed(monkeypatch, tmp_path):
	policy = tmp_path / "policy-rc.d"
	policy.write_text(packages.POLICY_TEXT)
	monkeypatch.setattr(packages, "POLICY", policy)
	with packages.services_held_back():
		pass
	assert not policy.exists()


def test_taken_port():
	with socket.socket() as taken:
		taken.bind(("127.0.0.1", 0))
		taken.listen()
		port = taken.getsockname()[1]
		with pytest.raises(Problem, match=f"Port {port} is taken"):
			ports.web_port(str(port))
		assert ports.web_port(None, first=port) > port


@pytest.mark.parametrize("wanted", ["http", "0", "70000"])
def test_port_that_is_none(wanted):
	with pytest.raises(Problem, match="is not a port"):
		ports.web_port(wanted)


def test_silent_or_absent_server_has_no_greeting():
	assert ports.greeting(ports.free_port()) == b""


def test_little_space(tmp_path):
	runtime.need_space(tmp_path / "not" / "there" / "yet", 1)
	with pytest.raises(Problem, match="MB are needed"):
		runtime.need_space(tmp_path, 10**9)


@pytest.mark.parametrize(
	("number", "words"),
	[(errno.ENOSPC, "disk is full"), (errno.EACCES, "may not be written"), (errno.EMFILE, "refused")],
)
def test_errors_of_the_system(monkeypatch, capsys, number, words):
	def fail(_arguments):
		raise OSError(number, os.strerror(number), "/some/file")

	monkeypatch.setitem(cli.COMMANDS, "fail", fail)
	monkeypatch.setattr(cli, "adopt_orphans", lambda: None)
	monkeypatch.setattr(cli, "end_descendants", lambda: None)
	monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
	said = []
	monkeypatch.setattr(cli.console, "say", said.append)
	assert cli.main(["fail"]) == 1
	assert words in said[-1]


def test_interrupt_has_its_own_code(monkeypatch):
	def interrupt(_arguments):
		raise KeyboardInterrupt

	ended = []
	monkeypatch.setitem(cli.COMMANDS, "wait", interrupt)
	monkeypatch.setattr(cli, "adopt_orphans", lambda: None)
	monkeypatch.setattr(cli, "end_descendants", lambda: ended.append(True))
	monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
	monkeypatch.setattr(cli.console, "say", lambda *_: None)
	assert cli.main(["wait"]) == cli.INTERRUPTED
	assert ended


def test_unknown_command_prints_help(capsys):
	assert cli.main(["nonsense"]) == 2
	assert "./dev up" in capsys.readouterr().out


def test_no_python_for_the_preview(monkeypatch):
	monkeypatch.setattr(tools, "_python_version", lambda name: (3, 13))
	with pytest.raises(Problem, match=r"needs Python 3\.11"):
		tools.preview_python()


def test_bench_that_is_none(tmp_path):
	with pytest.raises(Problem, match="is not a folder"):
		bench.prepare(tmp_path / "nowhere")
	with pytest.raises(Problem, match="it is not a bench"):
		bench.prepare(tmp_path)
	python = tmp_path / "env" / "bin" / "python"
	python.parent.mkdir(parents=True)
	python.touch(mode=0o755)
	with pytest.raises(Problem, match="has no frappe"):
		bench.prepare(tmp_path)
	for app in bench.APPS:
		(tmp_path / "apps" / app / app).mkdir(parents=True)
		(tmp_path / "apps" / app / app / "__init__.py").touch()
	with pytest.raises(Problem, match="no built assets"):
		bench.prepare(tmp_path)


def test_steps_say_how_they_ended():
	stream = io.StringIO()
	console = Console(stream)
	with console.step("First"):
		pass
	with pytest.raises(ValueError):
		with console.step("Second"):
			raise ValueError
	lines = stream.getvalue().splitlines()
	assert lines[0].startswith(" + First (")
	assert lines[1].startswith(" x Second (")


@pytest.mark.parametrize(
	("arguments", "expected"),
	[([], 2), (["-q"], 2), (["rule24_crm/tests/test_plan.py"], 1), (["-k", "gate"], 1), (["-q", "-x"], 1)],
)
def test_shares_of_the_suite(monkeypatch, arguments, expected):
	monkeypatch.delenv("RULE24_SHARES", raising=False)
	assert suite.shares(arguments, cores=2) == expected
