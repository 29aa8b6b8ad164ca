"""Every statement on the tables of inheritance."""
