"""Taking an import of people back: what it told goes, newer words and people who did anything since stay."""
