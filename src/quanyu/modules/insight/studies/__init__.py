"""What studies of people share: runs, groups with the people behind them, movement, progress."""
