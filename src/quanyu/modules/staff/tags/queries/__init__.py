"""Every statement on the tables of corp tags."""
