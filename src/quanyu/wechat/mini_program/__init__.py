"""Mini programs: their server API, what they call back with, and the data their front end hands over."""
