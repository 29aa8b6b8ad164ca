"""Families of calls that official accounts and mini programs share."""
