"""Endpoints of 企业微信, on ``qyapi.weixin.qq.com``."""
