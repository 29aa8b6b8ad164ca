"""Group live codes 群活码: one printed code that always leads into a group with room."""
