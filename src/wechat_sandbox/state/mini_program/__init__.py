"""What the platform keeps for mini programs, one module per family."""
