"""Tags of people and tags of the platform, kept in step both ways where an operator links them."""
