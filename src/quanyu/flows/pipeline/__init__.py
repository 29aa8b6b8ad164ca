"""The event pipeline: resolve, store, react. Serial per brand, in batches, restartable anywhere."""
