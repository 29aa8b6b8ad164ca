"""Journeys: versioned graphs that people move through, in sets, on durable timers."""
