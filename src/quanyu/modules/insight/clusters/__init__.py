"""Clusters: groups of people who buy and behave alike, found by K-means."""
