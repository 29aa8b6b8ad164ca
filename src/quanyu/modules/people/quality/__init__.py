"""How good what is known of people is: counted, and the people behind each fault."""
