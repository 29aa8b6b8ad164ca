"""Saved analyses, and boards of cards that show them."""
