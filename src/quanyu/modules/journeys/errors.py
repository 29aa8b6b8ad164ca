"""Anticipated failures of journeys."""

from quanyu.kernel.errors import AppError, ErrorKind


class InvalidJourney(AppError):
    """The graph cannot be followed as drawn."""

    kind = ErrorKind.INVALID
    code = "journeys.invalid_definition"


class JourneyNotFound(AppError):
    """This brand has no such journey."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.not_found"


class WrongStatus(AppError):
    """The journey is not in a status that allows this."""

    kind = ErrorKind.CONFLICT
    code = "journeys.wrong_status"
