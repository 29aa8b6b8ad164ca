"""Who works in a brand, with which role."""
