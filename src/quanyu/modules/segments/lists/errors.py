"""What a caller of lists may anticipate."""

from quanyu.kernel.errors import AppError, Conflict, ErrorKind, InvalidInput, NotFound


class UnreadableList(InvalidInput):
    """The file is not a table of text this release reads; the message says why."""

    code = "segments.list_unreadable"


class ListTooLarge(AppError):
    """The file, or the list it would make, is larger than a list may be."""

    kind = ErrorKind.TOO_LARGE
    code = "segments.list_too_large"


class NotAList(Conflict):
    """The segment is asked for by conditions: nothing can be uploaded to it."""

    code = "segments.not_a_list"


class FilledBySearch(Conflict):
    """A search for people like others decides who is on the list."""

    code = "segments.list_filled_by_search"


class NoListVersion(NotFound):
    """There is no such version, or its rejected rows are kept no longer."""

    code = "segments.no_list_version"
