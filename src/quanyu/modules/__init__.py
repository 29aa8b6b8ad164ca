"""The business, one folder per domain, each owning its tables."""
