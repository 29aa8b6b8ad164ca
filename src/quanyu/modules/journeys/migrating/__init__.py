"""Moving people who are on the way in an older version to the one people enter now (SOP-1)."""
