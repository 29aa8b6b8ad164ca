"""What stands in the way of a backup or a restore, found out before anything is changed."""

from quanyu.kernel.errors import Conflict, InvalidInput


class TargetNotEmpty(Conflict):
    """There is something already where the backup or the restored data should go."""

    code = "backup.target_not_empty"


class DamagedBackup(InvalidInput):
    """The backup is incomplete, was changed, or is none."""

    code = "backup.damaged"


class DamagedArchive(Conflict):
    """A file of the log's archive is missing or is not what was written."""

    code = "backup.damaged_archive"


class WrongMasterKey(InvalidInput):
    """The master key the backup was sealed with is not at hand."""

    code = "backup.wrong_master_key"


class NoErasureRegister(InvalidInput):
    """The register of erasures that was named is not there."""

    code = "backup.no_erasure_register"
