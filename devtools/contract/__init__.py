"""Holds the stand-in for ERPNext (devtools/standin) against a real bench: smaller is fine, different is not."""
