"""Anticipated failures of showing identifiers in full."""

from quanyu.kernel.errors import AppError, ErrorKind


class TooManyReveals(AppError):
    """Somebody saw as many people in full as one may within the time."""

    kind = ErrorKind.RATE_LIMITED
    code = "people.too_many_reveals"
