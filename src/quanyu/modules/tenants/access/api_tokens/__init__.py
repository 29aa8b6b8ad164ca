"""Tokens by which members let programs call the API."""
