"""Ties between clients, suppliers, competitors and persons: who is what to whom, told from both ends."""
