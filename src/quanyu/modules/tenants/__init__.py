"""Brands, the people who work in them, and the keys that let programs in."""
