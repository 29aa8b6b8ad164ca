"""微信支付 (WeChat Pay), API v3, for a merchant of its own."""
