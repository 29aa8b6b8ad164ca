"""The control API of companies: their settings, their staff, their customers."""
