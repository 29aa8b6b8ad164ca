"""Engagement: how much people do with the brand of late, 0 to 100."""
