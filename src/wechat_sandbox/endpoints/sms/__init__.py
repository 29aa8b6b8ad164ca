"""Tencent Cloud SMS: text messages beside WeChat."""
