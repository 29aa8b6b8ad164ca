"""The files an account keeps on the platform, for replies and menus to name."""
