"""What WeCom calls a corp back with: messages of members, and events."""
