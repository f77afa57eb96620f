"""Who sees which client: one predicate for lists, forms, reports, search, API and portal alike.

`registry` says what a DocType is guarded by, `scope` who somebody is, `predicate` makes one condition of the two. Frappe asks
through `hooks`; our own queries take `criterion`, our own endpoints `may` and `readable`.
"""

from rule24_crm.parties.access.predicate import criterion, may, readable
from rule24_crm.parties.access.scope import forget, of_user, sees_user, works_with_clients

__all__ = ["criterion", "forget", "may", "of_user", "readable", "sees_user", "works_with_clients"]
