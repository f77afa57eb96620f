"""Campaigns: a list of companies and people worked through together.

`reading` and `checking` understand a file, `matching` recognises who is in the base already, `importing` writes;
`members` keeps the list, `letters` writes to it, `works` gives it to managers, `ladder` shows how far it has come.
"""
