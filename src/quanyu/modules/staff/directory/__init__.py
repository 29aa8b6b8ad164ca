"""Departments and members of connected companies."""
