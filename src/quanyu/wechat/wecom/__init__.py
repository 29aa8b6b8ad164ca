"""WeCom 企业微信: its server API and callbacks."""
