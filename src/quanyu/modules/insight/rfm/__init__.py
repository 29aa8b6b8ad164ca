"""RFM as a brand defines it: what counts, where scores begin, channels, and movement between classes."""
