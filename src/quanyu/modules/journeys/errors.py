"""Anticipated failures of journeys."""

from collections.abc import Sequence
from typing import NamedTuple

from quanyu.kernel.errors import AppError, ErrorKind


class Finding(NamedTuple):
    """One thing that keeps a graph from being followed: where it is, in words, and of which node."""

    path: str
    en: str
    zh: str
    node: str | None


class InvalidJourney(AppError):
    """The graph cannot be followed as drawn; ``findings`` name every place, the message the first."""

    kind = ErrorKind.INVALID
    code = "journeys.invalid_definition"

    def __init__(self, findings: Sequence[Finding]) -> None:
        first = findings[0]
        super().__init__(
            first.en,
            message_zh=first.zh,
            path=first.path,
            node=first.node or "",
            problems=[one.en for one in findings],
            findings=[one._asdict() for one in findings],
        )
        self.findings = tuple(findings)


class JourneyNotFound(AppError):
    """This brand has no such journey."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.not_found"


class WrongStatus(AppError):
    """The journey is not in a status that allows this."""

    kind = ErrorKind.CONFLICT
    code = "journeys.wrong_status"


class StartsByEvent(AppError):
    """The journey begins with an event, and people chosen by hand have none."""

    kind = ErrorKind.CONFLICT
    code = "journeys.starts_by_event"


class TooManyJourneys(AppError):
    """The brand has as many journeys as one may have."""

    kind = ErrorKind.CONFLICT
    code = "journeys.too_many"
