"""Why somebody did, or did not, get what a journey sends."""
