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


class VersionNotFound(AppError):
    """The journey has no such version."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.version_not_found"


class PassageNotFound(AppError):
    """This person never was in the journey so."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.passage_not_found"


class MigrationRunning(AppError):
    """People of this journey are being moved already."""

    kind = ErrorKind.CONFLICT
    code = "journeys.migration_running"


class NoSuchTarget(AppError):
    """The present version has no such node."""

    kind = ErrorKind.INVALID
    code = "journeys.no_such_target"


class DraftChanged(AppError):
    """Somebody else saved the draft since this change began."""

    kind = ErrorKind.CONFLICT
    code = "journeys.draft_changed"


class StartsByEvent(AppError):
    """The journey begins with an event, and people chosen by hand have none."""

    kind = ErrorKind.CONFLICT
    code = "journeys.starts_by_event"


class UnknownPerson(AppError):
    """The brand knows nobody of that name."""

    kind = ErrorKind.NOT_FOUND
    code = "journeys.unknown_person"


class EnrolmentKeyUsed(AppError):
    """The key let this person in before, with other properties."""

    kind = ErrorKind.CONFLICT
    code = "journeys.enrolment_key_used"


class TooManyJourneys(AppError):
    """The brand has as many journeys as one may have."""

    kind = ErrorKind.CONFLICT
    code = "journeys.too_many"
