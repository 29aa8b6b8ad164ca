"""Broadcasts: one message to many people, once or again and again."""
