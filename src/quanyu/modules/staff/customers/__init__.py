"""Who serves which customer: kept from callbacks, details and syncs, whatever order they come in."""
