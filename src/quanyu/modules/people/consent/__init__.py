"""What people agreed to, by purpose and channel, as an append-only ledger."""
