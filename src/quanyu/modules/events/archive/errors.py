"""What can be wrong with the archive. Nothing is skipped because of it: whoever reads waits."""

from quanyu.kernel.errors import Unavailable


class ArchiveFileMissing(Unavailable):
    """A file of the archive is not where it should be."""

    code = "events.archive_file_missing"


class ArchiveDamaged(Unavailable):
    """A file of the archive is not what was written."""

    code = "events.archive_damaged"


class LogIncomplete(Unavailable):
    """Log and archive together lack events of a batch."""

    code = "events.log_incomplete"
