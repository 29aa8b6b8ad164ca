"""Plain language to drafts: segments, journeys and texts that people look over before anything happens."""
