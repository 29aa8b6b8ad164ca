"""Plays: marketing at a stated audience, of one kind or another."""
