"""The tracking door: the Segment HTTP tracking specification, so that existing SDKs work unchanged."""
