"""Handing everything of one manager over to others: what is his, who gets what, writing it, giving it back.

`terms` reads and checks the document, `belongings` finds what the manager has, `clients` knows which records are the same
client, `dealing` shares them out, `planning` makes moves of that, `writers` writes moves and takes them back, `service` is
the whole of it in one transaction.
"""
