"""Customer lifetime: who will buy again, when, how often and for how much."""
