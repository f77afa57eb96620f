"""Makes the demo with the app's own function and prints, as JSON, who can log in: [[user, password, role], ...]."""

import json
from importlib import import_module, util

from devtools.inside.connection import connected

MODULE = "rule24_crm.setup.demo"


def main() -> None:
	users = []
	with connected():
		module = import_module(MODULE) if util.find_spec(MODULE) else None
		create = getattr(module, "create_demo", None)
		if create:
			users = create() or []
	print("\nUSERS " + json.dumps(users, default=str))


if __name__ == "__main__":
	main()
