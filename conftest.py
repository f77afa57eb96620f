"""Pytest of the whole repository. The connection to the site is in devtools/pytest_site.py, loaded by `./dev test`."""

import os

import pytest

collect_ignore_glob = ["devtools/standin/*", ".runtime/*"]


def pytest_configure(config: pytest.Config) -> None:
	if not os.environ.get("RULE24_SITE"):
		raise pytest.UsageError("The suite needs its site and servers: run ./dev test [pytest arguments]")
