"""Anticipated failures of jobs about many people."""

from quanyu.kernel.errors import Conflict, ErrorKind, InvalidInput, NotFound


class JobNotFound(NotFound):
    """The brand has no such job."""

    code = "people.job_not_found"


class NobodyMeant(InvalidInput):
    """Nobody is named by what was asked."""

    code = "people.nobody_meant"


class TooManyMeant(InvalidInput):
    """More people than one job takes."""

    kind = ErrorKind.TOO_LARGE
    code = "people.too_many_meant"


class CannotUndo(Conflict):
    """A job that runs, was taken back, is itself an undo, or is too old cannot be taken back."""

    code = "people.cannot_undo"


class JobOver(Conflict):
    """A job that is over cannot be cancelled."""

    code = "people.job_over"
