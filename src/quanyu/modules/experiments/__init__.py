"""Experiments: who gets which arm, what came of it, and how sure one may be."""
