"""Values of computed attributes, kept beside what was told of people."""
