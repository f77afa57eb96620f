"""Heavy things are made once, and a killed build is made again."""

import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from devtools import cache
from devtools.console import Problem


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
	monkeypatch.setattr(cache, "CACHE", tmp_path)
	return tmp_path


def test_built_once(own_cache):
	builds = []

	def build(place):
		builds.append(place)
		(place / "file").write_text("whole")

	first = cache.cached("thing/1", build, "thing")
	second = cache.cached("thing/1", build, "thing")
	assert first == second == own_cache / "thing/1"
	assert (first / "file").read_text() == "whole"
	assert len(builds) == 1


def test_failed_build_leaves_nothing_that_counts(own_cache):
	def fail(place):
		(place / "half").write_text("")
		raise OSError("disk full")

	with pytest.raises(OSError):
		cache.cached("thing/2", fail, "thing")
	assert not (own_cache / "thing/2").exists()
	place = cache.cached("thing/2", lambda place: (place / "whole").write_text(""), "thing")
	assert [path.name for path in place.iterdir()] == ["whole"]


def test_killed_build_is_made_again(own_cache):
	program = textwrap.dedent(
		f"""
		import pathlib, time
		from devtools import cache
		cache.CACHE = pathlib.Path({str(own_cache)!r})
		def build(place):
			(place / "half").write_text("")
			print("building", flush=True)
			time.sleep(60)
		cache.cached("thing/3", build, "thing")
		"""
	)
	killed = subprocess.Popen(
		[sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
	)
	assert killed.stdout.readline() == b"building\n"
	killed.kill()
	killed.wait()
	killed.stdout.close()
	place = cache.cached("thing/3", lambda place: (place / "whole").write_text(""), "thing")
	assert [path.name for path in place.iterdir()] == ["whole"]


def test_two_at_once_build_once(own_cache):
	builds = []

	def build(place):
		builds.append(1)
		time.sleep(0.3)

	threads = [threading.Thread(target=cache.cached, args=("thing/4", build, "thing")) for _ in range(3)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert len(builds) == 1


def test_lock_held_too_long_says_so(own_cache):
	with cache.locked(own_cache / "x.lock"):
		with pytest.raises(Problem, match="Another run"):
			with cache.locked(own_cache / "x.lock", wait=0.1):
				pass


def test_prune_keeps_what_is_used(own_cache):
	for number in range(5):
		entry = own_cache / "site" / str(number)
		entry.mkdir(parents=True)
		os.utime(entry, (number, number))
	fresh = own_cache / "site" / "fresh"
	fresh.mkdir()
	cache.prune("site", keep=2)
	assert {path.name for path in (own_cache / "site").iterdir()} == {"fresh", "4"}


def test_prune_beside_another_that_is_faster(own_cache, monkeypatch):
	for number in range(3):
		entry = own_cache / "site" / str(number)
		entry.mkdir(parents=True)
		os.utime(entry, (number, number))
	rename = os.rename

	def after_the_other(entry, doomed):
		rename(entry, own_cache / "taken")
		rename(entry, doomed)

	monkeypatch.setattr(cache.os, "rename", after_the_other)
	cache.prune("site", keep=2)
	assert {path.name for path in (own_cache / "site").iterdir()} == {"1", "2"}


def test_what_another_run_has_removed_is_built_again(own_cache):
	place = cache.cached("thing/4", lambda place: None, "thing")
	shutil.rmtree(place)
	assert cache.cached("thing/4", lambda place: None, "thing").is_dir()
