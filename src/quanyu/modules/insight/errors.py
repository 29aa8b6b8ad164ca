"""What a caller of insight may anticipate."""

from quanyu.kernel.errors import AppError, ErrorKind, InvalidInput, NotFound


class UnknownClass(InvalidInput):
    """There is no such RFM class."""

    code = "insight.unknown_class"


class InvalidPeriod(InvalidInput):
    """A period is not two dates or instants in order."""

    code = "insight.invalid_period"


class NoScores(NotFound):
    """RFM has not been computed yet."""

    code = "insight.no_scores"


class InvalidAnalysis(InvalidInput):
    """A question about behaviour is not one this release answers; the message says why."""

    code = "insight.invalid_analysis"


class TooManyBehind(AppError):
    """More people are behind a figure than can be kept at once."""

    kind = ErrorKind.TOO_LARGE
    code = "insight.too_many_behind"
