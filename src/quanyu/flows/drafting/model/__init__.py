"""A language model a brand may draft with: any OpenAI-compatible endpoint, by settings of its own."""
