"""Long conversations with the platform about all followers, resumable after any crash."""
