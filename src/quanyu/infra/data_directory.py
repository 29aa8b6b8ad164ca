"""Where everything that must survive a restart lives, and who may read it."""

import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quanyu.infra.file_lock import FileLock
from quanyu.infra.secret_file import read_or_create_secret
from quanyu.kernel.errors import Conflict, InvalidInput, Unavailable

FREE_SPACE_MIN_BYTES = 256 * 1024 * 1024


class UnusableDataDirectory(InvalidInput):
    """The chosen data directory cannot be created or written."""

    code = "infra.unusable_data_directory"


class UnfinishedRestore(Conflict):
    """A restore into this data directory was cut short: what is there is not whole."""

    code = "infra.unfinished_restore"


class DiskFull(Unavailable):
    """The file system of the data directory has too little room to start safely."""

    code = "infra.disk_full"


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The layout of ``QUANYU_DATA``; every path in it is named here and nowhere else."""

    root: Path

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "DataDirectory":
        """Use ``QUANYU_DATA``, else the platform's usual place for this user."""
        chosen = environ.get("QUANYU_DATA", "").strip()
        path = Path(chosen).expanduser() if chosen else default_root(environ)
        return cls(path.absolute())

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def postgres_binaries(self) -> Path:
        return self.root / "postgres-binaries"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def warehouse_backups(self) -> Path:
        """The one folder the warehouse engine may write backups to."""
        return self.root / "warehouse-backups"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def archive(self) -> Path:
        """Log days past every cursor, as Parquet."""
        return self.root / "archive"

    @property
    def erasures(self) -> Path:
        """The register of erasures: no restore replaces it; what was restored is erased by it again."""
        return self.root / "erasures.jsonl"

    @property
    def exports(self) -> Path:
        """Exports of people, sealed, until they expire."""
        return self.root / "exports"

    @property
    def packages(self) -> Path:
        """Everything held about somebody who asked for it, sealed, until it expires."""
        return self.root / "packages"

    @property
    def imports(self) -> Path:
        """Prepared files, rejected rows and examples of dry runs, by import."""
        return self.root / "imports"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def master_key(self) -> Path:
        return self.secrets / "master.key"

    @property
    def postgres_passwords(self) -> Path:
        return self.secrets / "postgres.json"

    @property
    def local_token(self) -> Path:
        """With this the CLI proves to the running server that it may read the data directory."""
        return self.secrets / "local.token"

    @property
    def restore_marker(self) -> Path:
        """Exists while a restore is under way."""
        return self.root / "restore-unfinished"

    def holds_deployment(self) -> bool:
        """Whether a platform was ever begun here, or a restore into it."""
        signs = (self.master_key, self.postgres_passwords, self.postgres, self.restore_marker)
        return any(sign.exists() for sign in signs)

    def prepare(self, *, restoring: bool = False) -> None:
        """Create the directory and its private parts. Repeating it changes nothing.

        Raises:
            UnusableDataDirectory: it cannot be created or is not writable.
            UnfinishedRestore: a restore was cut short, and this is not another try of it.
        """
        if not restoring and self.restore_marker.exists():
            raise UnfinishedRestore(
                f"A restore into {self.root} was cut short. Run the same `quanyu restore` again; "
                "it begins anew and finishes.",
                message_zh=f"{self.root} 上的恢复未完成，请重新运行同一条 `quanyu restore` 命令。",
            )
        # As root the database server runs as its own user and must pass through, but not look around.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            if not self.root.is_dir():
                self.root.mkdir(parents=True, mode=mode)
                self.root.chmod(mode)
            for path in (self.secrets, self.logs, self.warehouse, self.warehouse_backups):
                make_private(path)
        except OSError as error:
            raise UnusableDataDirectory(
                f"The data directory {self.root} cannot be used: {error.strerror}. "
                "Set QUANYU_DATA to a directory this user may write.",
                message_zh=f"数据目录 {self.root} 不可用：{error.strerror}。"
                "请把 QUANYU_DATA 设为当前用户可写的目录。",
            ) from error

    def lock(self) -> FileLock:
        """Return the lock that one running platform holds."""
        return FileLock(self.root / "quanyu.lock")

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.root).free

    def require_free_space(self, minimum_bytes: int = FREE_SPACE_MIN_BYTES) -> None:
        """Refuse to go on when the disk is nearly full: a clear stop now, not a torn write later.

        Raises:
            DiskFull: fewer than ``minimum_bytes`` are free.
        """
        free = self.free_bytes()
        if free < minimum_bytes:
            raise DiskFull(
                f"Only {free // 2**20} MiB are free at {self.root}; {minimum_bytes // 2**20} MiB are needed. "
                "Free some space and start again; nothing is lost.",
                message_zh=f"{self.root} 仅剩 {free // 2**20} MiB，至少需要 {minimum_bytes // 2**20} MiB。"
                "请清理磁盘后重新启动，数据不会丢失。",
                free_bytes=free,
            )

    def ensure_local_token(self) -> str:
        """Return the token of the local CLI, made on first use."""
        return read_or_create_secret(self.local_token, lambda: secrets.token_urlsafe(32).encode()).decode()


def default_root(environ: Mapping[str, str]) -> Path:
    """Return the data directory used when none is chosen."""
    if os.geteuid() == 0:
        return Path("/var/lib/quanyu")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "quanyu"
    base = environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "quanyu"


def make_private(path: Path) -> None:
    """Create a directory only its owner can enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
