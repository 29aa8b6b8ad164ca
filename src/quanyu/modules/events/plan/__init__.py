"""The tracking plan: what events should hold, and what becomes of those that do not."""
