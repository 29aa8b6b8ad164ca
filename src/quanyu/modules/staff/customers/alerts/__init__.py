"""Alerts about lost customers: what is worth a word, who is told, and what became of it."""
