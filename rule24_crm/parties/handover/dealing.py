"""Sharing clients out fairly. Nothing here knows a database, so it can be tested with numbers alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
	"""What goes to one receiver as a whole: a client with its records, or a record that belongs to no client.

	:param weight: how much work it is: open works and deals.
	:param is_client: whether the receiver becomes responsible for it; only those are counted against the shares.
	"""

	key: Hashable
	weight: int
	is_client: bool = True


def quotas(count: int, shares: dict[str, float]) -> dict[str, int]:
	"""How many of `count` clients each receiver gets: his share, rounded so that the sum is right (largest remainder).

	Nobody gets more than the share rounded up, so never a whole client above it.
	"""
	exact = {user: count * share / sum(shares.values()) for user, share in shares.items()}
	given = {user: int(value + 1e-9) for user, value in exact.items()}
	by_remainder = sorted(exact, key=lambda user: given[user] - exact[user])  # stable: the first of equals
	for user in by_remainder[: count - sum(given.values())]:
		given[user] += 1
	return given


def by_shares(units: list[Unit], shares: dict[str, float]) -> dict[Hashable, str]:
	"""Who gets what: clients by the shares, and within them works and deals as evenly as they go.

	:param shares: receiver -> part, above zero.
	:return: key of each unit -> receiver. The same for the same units, whatever their order.
	"""
	left = quotas(sum(unit.is_client for unit in units), shares)
	load = dict.fromkeys(shares, 0)
	dealt = {}
	for unit in sorted(units, key=lambda unit: (not unit.is_client, -unit.weight, str(unit.key))):
		open_to = [user for user in shares if left[user] > 0] if unit.is_client else list(shares)
		user = min(open_to, key=lambda user: ((load[user] + unit.weight) / shares[user], -left[user]))
		dealt[unit.key] = user
		load[user] += unit.weight
		if unit.is_client:
			left[user] -= 1
	return dealt
