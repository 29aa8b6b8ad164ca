"""The brand's people at 企业微信, and the customers they serve."""
