"""Passwords: what may be one, how it is stored, signing in with it."""
