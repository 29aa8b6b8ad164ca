"""Anticipated failures of packages."""

from quanyu.kernel.errors import NotFound


class PackageNotFound(NotFound):
    """The brand has no such package."""

    code = "rights.package_not_found"


class PackageGone(NotFound):
    """The file is not whole yet, or was removed."""

    code = "rights.package_gone"
