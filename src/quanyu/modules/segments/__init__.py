"""Segments: a typed tree of conditions, compiled to one warehouse query, kept as memberships."""
