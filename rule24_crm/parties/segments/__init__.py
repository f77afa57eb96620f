"""Market segments of clients and contacts (F06).

A record may be in several segments: rows of `Party Segment` in the field `segments`. ERPNext's own `market_segment` stays
as the primary one, kept equal to the first row whichever of the two somebody edits.
"""

from rule24_crm.parties.segments.assigning import assign
from rule24_crm.parties.segments.rows import carry, change_one, of, primaries, primary, sync

__all__ = ["assign", "carry", "change_one", "of", "primaries", "primary", "sync"]
