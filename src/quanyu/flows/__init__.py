"""Processes that span modules."""
