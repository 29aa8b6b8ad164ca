"""Short links: which of them lead where, whose they are, and what came of them."""
