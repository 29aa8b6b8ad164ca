"""Where the warehouse is and how much it may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil

from quanyu.infra.warehouse.errors import InvalidAddress

DATABASE = "quanyu"
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What one statement may use."""

    threads: int = 2
    memory_bytes: int = 0  # 0: half of what the engine may use.
    time_s: float = 60.0
    # How long to wait for the answer at most, whatever the server does: for questions asked while a
    # transaction is open, which must not wait as long as a silent server is given.
    wait_s: float | None = None
    rows: int = 0  # 0: as many as there are. The engine stops there, without an error.
    # Table -> condition: the engine itself shows no other rows of it to the statement, wherever it is read.
    only_where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed warehouse address: an engine in this process, or a server."""

    path: Path | None = None
    host: str = ""
    port: int = 0
    secure: bool = False
    username: str = ""
    password: str = ""

    @property
    def is_embedded(self) -> bool:
        return self.path is not None

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read ``chdb:///path`` or ``http(s)://[user[:password]@]host[:port]``.

        Raises:
            InvalidAddress: it is neither.
        """
        parts = urlsplit(url)
        if parts.scheme == "chdb" and not parts.netloc and parts.path not in ("", "/"):
            return cls(path=Path(unquote(parts.path)))
        if parts.scheme in ("http", "https") and parts.hostname:
            secure = parts.scheme == "https"
            return cls(
                host=parts.hostname,
                port=parts.port or (8443 if secure else 8123),
                secure=secure,
                username=unquote(parts.username or "default"),
                password=unquote(parts.password or ""),
            )
        raise InvalidAddress(
            "The warehouse address must be chdb:///path or http(s)://[user:password@]host[:port].",
            message_zh="数据仓库地址须为 chdb:///路径 或 http(s)://[用户:密码@]主机[:端口]。",
        )


def default_memory_bytes() -> int:
    """Return what the embedded engine may use: a quarter of the machine, from 1 to 8 GiB."""
    return max(GIB, min(8 * GIB, psutil.virtual_memory().total // 4))


@dataclass(frozen=True, slots=True)
class WarehouseSettings:
    """How the gate is built. The database may be another one, so that tests share one engine."""

    address: Address
    database: str = DATABASE
    backup_directory: Path | None = None  # See ``backups``.
    memory_bytes: int = field(default_factory=default_memory_bytes)
    read_threads: int = 4
    write_threads: int = 2
    waiting_max: int = 256
    connect_limit_s: float = 5.0
    answer_slack_s: float = 10.0  # Beyond a statement's own limit, before the server is given up.
    # A server that works says so every ten seconds; one that says nothing for this long is not there.
    silence_limit_s: float = 15.0
    limits: QueryLimits = QueryLimits()

    @property
    def backups(self) -> Path | None:
        """The one folder the embedded engine may write backups to; by default beside its data."""
        path = self.address.path
        if path is None or self.backup_directory is not None:
            return self.backup_directory
        return path.with_name(f"{path.name}-backups")

    @property
    def query_memory_bytes(self) -> int:
        return self.limits.memory_bytes or self.memory_bytes // 2
