"""How an account is: what comes in, what is refused, what waits, and what the platform still allows."""
