"""Life rhythm: at which hours and on which weekdays people are there."""
