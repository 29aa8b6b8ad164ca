"""Backup and restore of a whole deployment: ``create_backup`` and ``restore_backup``."""

from quanyu.app.backup.create import BackupSources, create_backup
from quanyu.app.backup.manifest import Manifest
from quanyu.app.backup.progress import Progress, ProgressCallback, Step
from quanyu.app.backup.restore import RestoreReport, restore_backup

__all__ = [
    "BackupSources",
    "Manifest",
    "Progress",
    "ProgressCallback",
    "RestoreReport",
    "Step",
    "create_backup",
    "restore_backup",
]
