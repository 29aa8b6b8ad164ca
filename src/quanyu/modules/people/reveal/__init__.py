"""Showing identifiers of one person in full: to whoever may see them, for a reason, written down."""
