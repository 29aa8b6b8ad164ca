"""The log: everything that happened, once and for good."""
