"""Computed attributes: values of people that follow from what they did, kept exact as history grows."""
