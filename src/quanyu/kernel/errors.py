"""The error tree: what a caller may anticipate. The HTTP boundary alone knows status codes."""

from enum import StrEnum


class ErrorKind(StrEnum):
    """What kind of refusal a domain error is."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class AppError(Exception):
    """An anticipated failure. Messages say what is wrong, where and what to do; never personal data."""

    kind: ErrorKind = ErrorKind.INVALID
    code: str = "quanyu.error"

    def __init__(self, message: str, *, message_zh: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.message_zh = message_zh
        self.details = details


class InvalidInput(AppError):
    """Something the caller sent does not have the form it must have."""

    kind = ErrorKind.INVALID
    code = "quanyu.invalid_input"


class NotFound(AppError):
    """The thing asked for does not exist in this brand."""

    kind = ErrorKind.NOT_FOUND
    code = "quanyu.not_found"


class Conflict(AppError):
    """The request does not fit the present state."""

    kind = ErrorKind.CONFLICT
    code = "quanyu.conflict"


class Unavailable(AppError):
    """Something needed is down or overloaded; trying again later may work."""

    kind = ErrorKind.UNAVAILABLE
    code = "quanyu.unavailable"
