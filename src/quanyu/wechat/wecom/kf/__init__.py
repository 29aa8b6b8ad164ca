"""WeCom's customer service 微信客服: accounts, sessions, messages."""
