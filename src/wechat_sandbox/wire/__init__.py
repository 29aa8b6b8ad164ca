"""The platform's wire formats: callback encryption, XML, error envelopes."""
