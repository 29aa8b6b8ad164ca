"""Every statement on the tables of payments."""
