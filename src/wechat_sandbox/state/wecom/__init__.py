"""What the platform knows of companies: their apps, their staff, their customers."""
