"""The console's way to an import: a file is uploaded, looked at, mapped column by column, tried and run."""
