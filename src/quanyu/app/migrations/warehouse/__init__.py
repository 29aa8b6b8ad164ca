"""The warehouse's schema, as ordered SQL files."""
