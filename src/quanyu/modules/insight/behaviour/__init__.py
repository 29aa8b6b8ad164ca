"""Behaviour analyses: funnels, retention and trends over history, and the people behind every figure."""
