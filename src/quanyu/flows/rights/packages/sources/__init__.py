"""The places a package is gathered from, one after the other."""
