"""Journeys to begin from, shared by the console, the API and assistants."""
