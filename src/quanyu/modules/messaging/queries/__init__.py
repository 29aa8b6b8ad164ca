"""Every statement of this module, by what it is about."""
