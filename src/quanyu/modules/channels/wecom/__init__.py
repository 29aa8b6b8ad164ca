"""Connected companies of WeCom: their secrets, their clients, and what they call back."""
