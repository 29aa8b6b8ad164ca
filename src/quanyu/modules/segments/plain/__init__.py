"""The plain evaluator's parts: what is known, how values compare, one file per family of conditions."""
