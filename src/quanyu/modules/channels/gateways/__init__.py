"""Accounts that carry messages outside WeChat."""
