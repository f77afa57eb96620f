"""The database of `./dev bench`."""

from devtools.production import MOST_MB, ProductionMariaDB, pool_mb
from devtools.servers import MariaDB


def test_pool_is_the_share_that_frappe_bench_gives_it_up_to_a_limit():
	assert pool_mb(2_048) == 1_402
	assert pool_mb(65_536) == MOST_MB


def test_its_options_come_after_those_of_the_tests_so_that_they_count(monkeypatch, tmp_path):
	tests = ["mariadbd", "--innodb-log-file-size=64M", "--innodb-buffer-pool-size=512M"]
	monkeypatch.setattr(MariaDB, "command", lambda self: tests)
	server = ProductionMariaDB(tmp_path)
	options = dict(word.split("=") for word in server.command()[1:])
	assert server.durable
	assert options["--innodb-log-file-size"] == "1024M"
	assert options["--innodb-buffer-pool-size"] != "512M"
