"""Benches: each prints a figure, its yardstick and their ratio, after checking its answer."""
