"""Dealing clients by shares: fair, whole clients only, the same every time. No database."""

import random
import unittest
from collections import Counter

from rule24_crm.parties.handover.dealing import Unit, by_shares, quotas


class TestDealing(unittest.TestCase):
	def test_quotas_sum_up_and_keep_the_shares(self):
		rng = random.Random(7)
		for _round in range(300):
			weights = [rng.randint(1, 100) for _n in range(rng.randint(1, 6))]
			shares = {f"user{n}": weight / sum(weights) for n, weight in enumerate(weights)}
			count = rng.randint(0, 500)
			given = quotas(count, shares)
			self.assertEqual(sum(given.values()), count)
			for user, number in given.items():
				self.assertLess(abs(number - count * shares[user]), 1 + 1e-6)

	def test_thirds_that_do_not_make_a_hundred(self):
		shares = {"a": 0.3333, "b": 0.3333, "c": 0.3333}
		self.assertEqual(sorted(quotas(10, shares).values()), [3, 3, 4])

	def test_nobody_gets_more_than_one_client_above_the_share(self):
		shares = {"olga": 0.6, "denis": 0.4}
		units = [Unit(("Lead", f"L{number}"), number % 7) for number in range(43)]
		dealt = Counter(by_shares(units, shares).values())
		self.assertEqual(dealt.total(), 43)
		for user, number in dealt.items():
			self.assertLessEqual(number, 43 * shares[user] + 1)

	def test_works_are_spread_evenly_within_the_shares(self):
		rng = random.Random(3)
		units = [Unit(("Lead", f"L{number}"), rng.choice((0, 0, 1, 2, 30))) for number in range(200)]
		shares = {"olga": 0.5, "denis": 0.25, "maria": 0.25}
		dealt = by_shares(units, shares)
		load = Counter()
		for unit in units:
			load[dealt[unit.key]] += unit.weight
		for user, share in shares.items():
			self.assertAlmostEqual(load[user] / load.total(), share, delta=0.05)

	def test_records_without_a_client_do_not_count_as_clients(self):
		units = [Unit(("Lead", "L1"), 0), Unit(("Lead", "L2"), 0)]
		units += [Unit(("Work", f"W{number}"), 1, is_client=False) for number in range(10)]
		dealt = by_shares(units, {"olga": 0.5, "denis": 0.5})
		self.assertEqual(Counter(dealt[("Lead", f"L{n}")] for n in (1, 2)), {"olga": 1, "denis": 1})
		self.assertEqual(Counter(dealt.values()), {"olga": 6, "denis": 6})

	def test_the_order_does_not_matter(self):
		units = [Unit(("Lead", f"L{number}"), number % 3) for number in range(50)]
		shares = {"olga": 0.7, "denis": 0.3}
		first = by_shares(units, shares)
		random.Random(1).shuffle(units)
		self.assertEqual(by_shares(units, shares), first)
