"""Company accounts: who the brand deals with as a firm, and which people are its contacts there."""
