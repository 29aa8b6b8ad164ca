"""Insight: figures computed from history. Orders, and recency, frequency and monetary value."""
