"""Members of a brand: inviting, roles, disabling, removing."""
