"""Statements of experiments."""
