"""What was published of a journey, one version after the other."""
