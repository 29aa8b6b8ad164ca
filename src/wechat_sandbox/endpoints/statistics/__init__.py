"""Statistics of an account, computed from what really happened in the sandbox."""
