"""What can go wrong with broadcasts."""

from quanyu.kernel.errors import AppError, ErrorKind


class BroadcastNotFound(AppError):
    """This brand has no such broadcast."""

    kind = ErrorKind.NOT_FOUND
    code = "broadcasts.not_found"


class WrongStatus(AppError):
    """The broadcast is not where this can be done, or somebody moved it just now."""

    kind = ErrorKind.CONFLICT
    code = "broadcasts.wrong_status"


class InvalidBroadcast(AppError):
    """What is planned cannot be done."""

    kind = ErrorKind.INVALID
    code = "broadcasts.invalid"


class TooManyBroadcasts(AppError):
    """The brand has as many as it may."""

    kind = ErrorKind.CONFLICT
    code = "broadcasts.too_many"
