"""Makes the demo with the app's own function and prints, as JSON, who can log in: [[user, password, who], ...]."""

import json
from importlib import import_module

from devtools.inside.connection import connected

MODULE = "rule24_crm.setup.demo"


def main() -> None:
	with connected():
		people = import_module(MODULE).create_demo()["users"]
	print("\nUSERS " + json.dumps([[row["user"], row["password"], row["who"]] for row in people]))


if __name__ == "__main__":
	main()
