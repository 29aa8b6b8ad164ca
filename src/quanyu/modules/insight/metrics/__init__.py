"""Metrics: a figure defined once, under a name, and asked everywhere the same."""
