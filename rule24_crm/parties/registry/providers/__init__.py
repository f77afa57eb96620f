"""Providers of registers, one module each."""
