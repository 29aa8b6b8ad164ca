"""The leaves of a definition, one file per family; ``tree`` puts them together."""
