"""The audit log: who did what, chained so that a later change shows."""
