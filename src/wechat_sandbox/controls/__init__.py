"""Parts of the control API beyond its core, one module each.

A module offers ``PART``, a subclass of :class:`ControlPart`; all of them are found here.
"""

from importlib import import_module
from pkgutil import iter_modules

from wechat_sandbox.controls.base import ControlPart, Route


def all_parts() -> list[type[ControlPart]]:
    """Return the parts in the order of their modules' names."""
    names = [module.name for module in iter_modules(__path__) if module.name != "base"]
    modules = [import_module(f"{__name__}.{name}") for name in sorted(names)]
    return [module.PART for module in modules]


__all__ = ["ControlPart", "Route", "all_parts"]
