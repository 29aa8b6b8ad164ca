"""What came of an experiment: figures of each arm from history, judged, and said in plain words."""
