"""What can go wrong with short links."""

from quanyu.kernel.errors import AppError, ErrorKind


class LinkNotFound(AppError):
    """This brand has no such link."""

    kind = ErrorKind.NOT_FOUND
    code = "links.not_found"


class InvalidTarget(AppError):
    """A link cannot lead there."""

    kind = ErrorKind.INVALID
    code = "links.invalid_target"


class MadeByMessage(AppError):
    """The link came about by a message; what it says is said there."""

    kind = ErrorKind.CONFLICT
    code = "links.made_by_message"


class TooManyLinks(AppError):
    """The brand has as many as it may."""

    kind = ErrorKind.CONFLICT
    code = "links.too_many"
