"""Experiments: who gets which arm, who was exposed, what came of it, and whom nobody writes to."""
