"""`./dev up`: the Desk with the demo, until Ctrl-C."""

import json
import os
import time

from devtools import serving, site
from devtools.console import Problem, console
from devtools.instance import Instance, opened
from devtools.runtime import Runtime


def up(runtime: Runtime) -> int:
	"""Serves the site with the demo until interrupted. The site stays between runs; ./dev clean forgets it."""
	snapshot = site.base_snapshot(runtime)
	with opened(runtime, "up", durable=True) as instance:
		instance.lay_out()
		users = _bring_up_to_date(instance, snapshot)
		with console.step("Servers"):
			url = serving.start_web(
				instance, address=os.environ.get("RULE24_ADDRESS", "127.0.0.1"), isolated=False
			)
			serving.start_worker(instance, isolated=False)
			serving.start_scheduler(instance)
			serving.wait_for_web(instance, url)
		_announce(instance, url, users)
		_watch(instance)
	return 0


def _bring_up_to_date(instance: Instance, snapshot) -> list[list[str]]:
	"""Makes the site, or migrates it when the app changed since; returns who can log in."""
	state = site.read_state(instance)
	key = site.app_key()
	fresh = state.get("base") != snapshot.name
	if fresh:
		if state:
			console.say(" . the runtime changed: the demo site is made anew")
		instance.marker.unlink(missing_ok=True)
		with console.step("Site"):
			site.restore(instance, snapshot)
	instance.start_servers()
	users = state.get("users", [])
	if fresh:
		with console.step("Rule24 CRM installed"):
			site.install_app(instance)
		with console.step("Demo"):
			users = _make_demo(instance)
	elif state.get("app") != key:
		with console.step("Rule24 CRM migrated"):
			instance.frappe("migrate", log="migrate", what="Migrating the site")
	site.write_state(instance, base=snapshot.name, app=key, users=users)
	return users


def _make_demo(instance: Instance) -> list[list[str]]:
	output = instance.inside("demo", log="demo", what="Making the demo")
	(line,) = [line for line in output.splitlines() if line.startswith("USERS ")]
	return json.loads(line.removeprefix("USERS "))


def _announce(instance: Instance, url: str, users: list) -> None:
	rows = [["Administrator", site.ADMIN_PASSWORD, "everything"], *users]
	widths = [max(len(str(row[column])) for row in rows) for column in (0, 1)]
	lines = ["", f"Rule24 CRM is ready at {url}"]
	lines += [f"  {user:<{widths[0]}}  {password:<{widths[1]}}  {who}" for user, password, who in rows]
	lines.append(f"Logs: {instance.root / 'logs'}. Ctrl-C ends it.")
	print("\n".join(lines), flush=True)


def _watch(instance: Instance) -> None:
	while True:
		time.sleep(1)
		if dead := serving.first_dead(instance):
			name = " ".join(map(str, dead.args[3:8]))
			raise Problem(
				f"A process ended by itself: {name}", f"look into {instance.root / 'logs'} and start again"
			)
