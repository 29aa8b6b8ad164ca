"""Finding the people behind many identifiers at once."""
