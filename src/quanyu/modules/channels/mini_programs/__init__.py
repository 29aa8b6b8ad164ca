"""Connected mini programs: what people do in them, and who they are."""
