"""Messages to people: decide, record the intent, send, and take the receipts back into the log."""
