"""Lists of people: filters, orders and columns an operator chooses, and views of them that are kept."""
