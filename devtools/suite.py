"""`./dev test` and `./dev bench`: a site of its own, the servers, then pytest or the measures."""

import json
import os
import sys
from contextlib import ExitStack

from devtools import serving, site
from devtools.console import console
from devtools.instance import SITE, Instance, opened
from devtools.instance import offline as without_internet
from devtools.layout import REPO
from devtools.packages import chromium
from devtools.processes import end, spawn
from devtools.runtime import Runtime


def test(runtime: Runtime, arguments: list[str]) -> int:
	"""Runs the suite on fresh copies of the site, one for each share of it; pytest's exit code."""
	snapshot = site.app_snapshot(runtime)
	with ExitStack() as stack:
		instances, urls = [], []
		for _share in range(shares(arguments, os.cpu_count() or 1)):
			instance = stack.enter_context(opened(runtime, "test", many=True))
			_start(instance, snapshot)
			urls.append(serving.start_web(instance, isolated=True))
			serving.start_worker(instance, isolated=True)
			instances.append(instance)
		command = [runtime.python, "-m", "pytest", "--rootdir", REPO, "-p", "devtools.pytest_site"]
		command += ["-p", "no:cacheprovider", *arguments]
		if len(instances) > 1:
			# in the order of the plugin: by itself xdist begins with whatever has most tests, and ends with the longest
			command += ["-n", str(len(instances)), "--dist", "loadscope", "--no-loadscope-reorder"]
		places = [
			{**instance.place(), "RULE24_URL": url} for instance, url in zip(instances, urls, strict=True)
		]
		return _run(instances[0], command, urls[0], RULE24_PLACES=json.dumps(places))


def shares(arguments: list[str], cores: int) -> int:
	"""How many processes the tests are spread over: one for a chosen few, else one for each core up to four."""
	if wanted := os.environ.get("RULE24_SHARES"):
		return max(1, int(wanted))
	choosing = [word for word in arguments if not word.startswith("-")] or {
		"-k",
		"-m",
		"-s",
		"-n",
		"--pdb",
		"-x",
	} & {*arguments}
	return 1 if choosing else min(cores, 4)


def bench(runtime: Runtime, arguments: list[str]) -> int:
	"""Runs `benchmarks/run.py` on a site of its own with the database of a production bench."""
	snapshot = site.app_snapshot(runtime)
	with opened(runtime, "bench", production=True) as instance:
		_start(instance, snapshot)
		url = serving.start_web(instance, isolated=True)
		serving.wait_for_web(instance, url)
		# A development server looks its controllers up anew for every document; those who work do not wait for that.
		command = [runtime.python, REPO / "benchmarks" / "run.py", *arguments]
		return _run(instance, command, url, DEV_SERVER="0")


def shell(runtime: Runtime, arguments: list[str]) -> int:
	"""A program of the runtime's Python on a fresh copy of the test site; without arguments Frappe's console."""
	snapshot = site.app_snapshot(runtime)
	with opened(runtime, "shell", many=True) as instance:
		_start(instance, snapshot)
		console_words = ["-m", "frappe.utils.bench_helper", "frappe", "--site", SITE, "console"]
		return _run(
			instance,
			[runtime.python, *(arguments or console_words)],
			"",
			cwd=instance.sites,
			interactive=True,
		)


def _start(instance: Instance, snapshot) -> None:
	with console.step("Site and servers"):
		site.restore(instance, snapshot)
		instance.lay_out()
		instance.start_servers()


def _run(
	instance: Instance, command: list, url: str, *, cwd=REPO, interactive: bool = False, **more: str
) -> int:
	env = {
		**(instance.env() if interactive else without_internet(instance.env())),
		"RULE24_SITE": SITE,
		"RULE24_URL": url,
		"RULE24_KIND": "preview" if instance.runtime.is_preview else "bench",
		"RULE24_BENCH": os.environ.get("FRAPPE_BENCH", ""),
		"RULE24_CHROMIUM": chromium() or "",
		"RULE24_ADMIN_PASSWORD": site.ADMIN_PASSWORD,
		**more,
	}
	sys.stderr.flush()
	if interactive:
		return os.spawnve(os.P_WAIT, str(command[0]), [str(word) for word in command], env)
	process = spawn(command, env=env, cwd=cwd)
	instance.ledger.add(process.pid)
	try:
		return process.wait()
	finally:
		end([process])
