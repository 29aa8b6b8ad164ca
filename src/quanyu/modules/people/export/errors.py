"""Anticipated failures of exports."""

from quanyu.kernel.errors import AppError, Conflict, ErrorKind, NotFound


class ExportNotFound(NotFound):
    """The brand has no such export."""

    code = "people.export_not_found"


class ExportGone(NotFound):
    """The file is not whole yet, or was removed."""

    code = "people.export_gone"


class ExportOver(Conflict):
    """The export is not at a point where it can be stopped or resumed."""

    code = "people.export_over"


class MayNotReveal(AppError):
    """Whoever asks may export people, but not with their identifiers in clear."""

    kind = ErrorKind.FORBIDDEN
    code = "people.may_not_reveal"
