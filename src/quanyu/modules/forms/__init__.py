"""Forms, votes and questionnaires: made, published, answered, counted."""
