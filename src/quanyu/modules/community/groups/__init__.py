"""Customer groups: kept in step with the platform, described by the brand."""
