"""What the callbacks of all the platform's products have in common: encryption, documents, refusals."""
