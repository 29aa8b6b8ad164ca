"""Roles a brand makes itself, beside those built in."""
