"""How each source does: what it sends, what is wrong with it, and whether it has fallen silent."""
