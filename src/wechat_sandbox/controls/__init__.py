"""Parts of the control API beyond its core, one module each.

A module offers ``PART``, a subclass of :class:`ControlPart`; all of them are found here.
"""

from importlib import import_module
from pkgutil import walk_packages

from wechat_sandbox.controls.base import ControlPart, Route


def all_parts() -> list[type[ControlPart]]:
    """Return the parts in the order of their modules' names."""
    found = walk_packages(__path__, f"{__name__}.")
    names = [one.name for one in found if not one.ispkg and not one.name.endswith(".base")]
    return [import_module(name).PART for name in sorted(names)]


__all__ = ["ControlPart", "Route", "all_parts"]
