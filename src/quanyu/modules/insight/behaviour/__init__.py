"""Behaviour analyses of history, and the people behind every figure."""
