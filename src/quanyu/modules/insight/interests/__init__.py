"""Interests: which categories people turn to, by what they did and how long ago."""
