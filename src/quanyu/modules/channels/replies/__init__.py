"""Automatic replies: what an account says by itself, at once."""
