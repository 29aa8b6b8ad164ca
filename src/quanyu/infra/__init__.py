"""Everything that touches the machine: databases, keys, HTTP plumbing, telemetry."""
