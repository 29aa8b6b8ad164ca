"""The log's archive: days that everybody has read, as Parquet files, and reading them again."""
