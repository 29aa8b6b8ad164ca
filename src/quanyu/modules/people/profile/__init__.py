"""What is known of a person: statements about attributes, which of them counts, setting one by hand."""
