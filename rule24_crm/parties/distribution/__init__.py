"""Who gets a new lead, client or deal that comes without a manager (F88).

`decide` answers for one record, `decide_many` for a batch of them with a constant number of queries; `note` writes down
why. The order is: the first `Distribution Rule` that fits and has somebody free, the manager whom the client has already,
the creator if he is an active manager, the fallback manager of Rule24 CRM Settings.
"""

from rule24_crm.parties.distribution.deciding import decide, decide_many
from rule24_crm.parties.distribution.decision import Candidate, Decision
from rule24_crm.parties.distribution.log import note

__all__ = ["Candidate", "Decision", "decide", "decide_many", "note"]
