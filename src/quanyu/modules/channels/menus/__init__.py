"""Menus of official accounts: drawn here, published there, remembered in both."""
