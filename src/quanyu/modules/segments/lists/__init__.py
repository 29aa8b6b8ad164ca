"""Lists: segments whose people were uploaded or held fast, not asked for by conditions."""
