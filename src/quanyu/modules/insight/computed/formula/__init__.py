"""The formula language: grammar, types and evaluation; pure, no I/O."""
