"""Quanyu: one platform for a brand's whole WeChat ecosystem."""

from importlib.metadata import version

__version__ = version("quanyu")
