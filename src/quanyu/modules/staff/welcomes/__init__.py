"""Welcome messages to new customers: chosen, rendered and sent within the twenty seconds a code lives."""
