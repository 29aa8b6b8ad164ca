"""Endpoints of mini programs."""
