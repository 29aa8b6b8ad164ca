"""How long events are kept, by name, in the warehouse and in the archive."""
