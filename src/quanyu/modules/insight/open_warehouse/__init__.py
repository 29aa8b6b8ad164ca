"""The open warehouse: history and people as documented views, asked in SQL, taken out as files."""
