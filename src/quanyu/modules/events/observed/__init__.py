"""What events are really seen: names by source, their volume, their properties."""
