"""What the platform keeps, one module per family."""
