"""Endpoints of the platform, each declared once in the registry.

Importing a module of this package declares its endpoints; all of them are imported here.
"""

from importlib import import_module
from pkgutil import walk_packages

from wechat_sandbox.endpoints.registry import REGISTRY, Call, Desk, Reply

for _module in walk_packages(__path__, f"{__name__}."):
    import_module(_module.name)

__all__ = ["REGISTRY", "Call", "Desk", "Reply"]
