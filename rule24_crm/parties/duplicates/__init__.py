"""Clients that are in the base already: found by INN and KPP, phone, e-mail and a name that sounds alike.

- `keys`: what a client is recognised by, as rows; pure.
- `store`: the table of these rows, kept up to date.
- `finding`: who is alike, with reasons and a score.
"""

from rule24_crm.parties.duplicates.finding import Candidate, Match, Reason, find, find_many

__all__ = ("Candidate", "Match", "Reason", "find", "find_many")
