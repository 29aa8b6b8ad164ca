"""Passing customers and groups on, of members who stay and of members who left (继承)."""
