"""Data quality: how far attributes and sources can be relied on, 0 to 100."""
