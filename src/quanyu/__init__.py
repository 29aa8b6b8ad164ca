"""Quanyu: one platform for a brand's whole WeChat ecosystem."""
