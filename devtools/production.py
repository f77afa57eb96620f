"""MariaDB as those have it who work with Frappe every day, for `./dev bench`: what is measured is what they get.

The role `mariadb` of frappe/bench, which `bench setup production` runs, gives the database two logs of 512 MB and 68.5 % of
the memory; MariaDB of today has one log, of as much together. With the 64 MB that are enough for tests the database is busy
writing pages out while it takes rows in, and the more there are, the more so.
"""

import os
from pathlib import Path

from devtools.servers import MariaDB

LOG_MB = 2 * 512
SHARE_OF_MEMORY = 0.685
#: more than all the measures fill; the machine has others to serve
MOST_MB = 4096


class ProductionMariaDB(MariaDB):
	"""Writes as a real one does, with the memory of a real one."""

	def __init__(self, root: Path):
		super().__init__(root, durable=True)

	def command(self) -> list[str | Path]:
		# of an option that is given twice the last one counts
		return [
			*super().command(),
			f"--innodb-log-file-size={LOG_MB}M",
			f"--innodb-buffer-pool-size={pool_mb(_memory_mb())}M",
		]


def pool_mb(memory_mb: int) -> int:
	"""Megabytes of the buffer pool on a machine with that many; see the module."""
	return min(int(memory_mb * SHARE_OF_MEMORY), MOST_MB)


def _memory_mb() -> int:
	return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
