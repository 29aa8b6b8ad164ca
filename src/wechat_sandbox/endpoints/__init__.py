"""Endpoints of the official account API, each declared once in the registry.

Importing a module of this package declares its endpoints.
"""

from wechat_sandbox.endpoints import addresses, credentials, custom_messages, quotas, templates, users
from wechat_sandbox.endpoints.registry import REGISTRY, Call, Desk

__all__ = [
    "REGISTRY",
    "Call",
    "Desk",
    "addresses",
    "credentials",
    "custom_messages",
    "quotas",
    "templates",
    "users",
]
