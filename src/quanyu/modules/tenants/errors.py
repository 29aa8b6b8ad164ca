"""Anticipated failures of the tenants module."""

from quanyu.kernel.errors import AppError, ErrorKind


class InvalidLoginCode(AppError):
    """A one-time login link was used, has expired, or never existed."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "tenants.invalid_login_code"


class UnknownBrand(AppError):
    """No brand has this key."""

    kind = ErrorKind.NOT_FOUND
    code = "tenants.unknown_brand"
