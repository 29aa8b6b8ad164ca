"""Calls of WeChat Pay v3: signed by the merchant, answered with a signature."""
