"""Lifecycle stages: new, active, repeat, loyal, sleeping, lost, won back."""
