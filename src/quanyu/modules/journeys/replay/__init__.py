"""Replay on history: what a draft would have done over the last days, with all effects off."""
