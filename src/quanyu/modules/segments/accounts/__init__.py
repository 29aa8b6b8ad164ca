"""Segments of company accounts: conditions on companies and on what their people did."""
