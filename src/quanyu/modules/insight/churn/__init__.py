"""Churn: how likely a customer does not come back within a horizon, learned from the brand's own history."""
