"""How history is asked: operators and literals, the fields there are, and how the warehouse reads them."""
