"""Message templates: what a brand says again and again, in the form of each kind, with its versions."""
