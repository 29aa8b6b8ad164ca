"""Looking into segments: why somebody is in, how they overlap, how their size went."""
