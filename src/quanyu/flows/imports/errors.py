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


class PreparationDied(AppError):
    """The preparing process ended without a word, for example killed for want of memory."""

    kind = ErrorKind.UNAVAILABLE
    code = "imports.preparation_died"


class WorkFilesLost(AppError):
    """The import's own files cannot be read or written: the disk is full, or somebody removed them."""

    kind = ErrorKind.UNAVAILABLE
    code = "imports.work_files_lost"


class ImportDefect(AppError):
    """Something of ours went wrong; the log has the cause."""

    kind = ErrorKind.UNAVAILABLE
    code = "imports.defect"


class FileGone(AppError):
    """The uploaded file is not kept any more."""

    kind = ErrorKind.NOT_FOUND
    code = "imports.file_gone"


class FileTooLarge(AppError):
    """More than an upload may hold; nothing of it was kept."""

    kind = ErrorKind.TOO_LARGE
    code = "imports.file_too_large"


class MappingNotFound(AppError):
    """There is no saved mapping with this id."""

    kind = ErrorKind.NOT_FOUND
    code = "imports.mapping_not_found"


class TooManyMappings(AppError):
    """The brand keeps as many mappings as it may."""

    kind = ErrorKind.CONFLICT
    code = "imports.too_many_mappings"


class NoRejects(AppError):
    """The import has no list of refused rows."""

    kind = ErrorKind.NOT_FOUND
    code = "imports.no_rejects"
