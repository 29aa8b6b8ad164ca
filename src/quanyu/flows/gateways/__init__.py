"""Messages outside WeChat: gateways between channels, people and messaging."""
