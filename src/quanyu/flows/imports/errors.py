"""Anticipated failures of imports. Each names the file and the place, and says what to do."""

from quanyu.kernel.errors import AppError, ErrorKind


class MapInvalid(AppError):
    """The map is not one we can follow; nothing was read."""

    kind = ErrorKind.INVALID
    code = "imports.map_invalid"


class FileUnusable(AppError):
    """The file is missing, unreadable, of another format, or does not fit the map; nothing was written."""

    kind = ErrorKind.INVALID
    code = "imports.file_unusable"


class ImportNotFound(AppError):
    """There is no import with this id in this brand."""

    kind = ErrorKind.NOT_FOUND
    code = "imports.not_found"


class ImportFinished(AppError):
    """The import has ended and cannot be cancelled any more."""

    kind = ErrorKind.CONFLICT
    code = "imports.finished"


class FileChanged(AppError):
    """The file is no longer the one this import began with."""

    kind = ErrorKind.CONFLICT
    code = "imports.file_changed"


class LocalOnly(AppError):
    """Importing by path is for the command line on the server's own machine."""

    kind = ErrorKind.FORBIDDEN
    code = "imports.local_only"
