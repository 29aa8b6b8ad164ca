"""Settings: typed, read once from the environment, passed in."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from quanyu.infra.data_directory import DataDirectory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.errors import InvalidInput
from quanyu.modules.events.archive.contracts import KEEP_DAYS

DEFAULT_PORT = 8000


class InvalidSetting(InvalidInput):
    """An environment variable has a value that cannot be used."""

    code = "app.invalid_setting"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a deployment may choose; ``docs/reference/settings.md`` explains each."""

    data: DataDirectory
    clock: SystemClock
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    public_url: str = ""
    # Servers by address; empty means the embedded ones.
    postgres_superuser_url: str = ""
    warehouse_url: str = ""
    log_days: int = KEEP_DAYS
    archive_path: Path | None = None  # None: in the data directory.
    console_path: Path = field(default_factory=lambda: Path(__file__).parents[3] / "web" / "dist")
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings of this process.

        Raises:
            InvalidSetting: a variable cannot be used; the message names it.
        """
        settings = cls(
            data=DataDirectory.from_env(environ),
            clock=SystemClock.from_env(environ),
            host=environ.get("QUANYU_HOST", "127.0.0.1"),
            port=_port(environ.get("QUANYU_PORT") or environ.get("PORT") or str(DEFAULT_PORT)),
            public_url=environ.get("QUANYU_PUBLIC_URL", "").rstrip("/"),
            postgres_superuser_url=environ.get("QUANYU_POSTGRES_URL", ""),
            warehouse_url=environ.get("QUANYU_WAREHOUSE_URL", ""),
            log_days=_days(environ.get("QUANYU_LOG_DAYS") or str(KEEP_DAYS)),
            archive_path=archive_path(environ),
            log_level=environ.get("QUANYU_LOG_LEVEL", "WARNING").upper(),
        )
        console = environ.get("QUANYU_CONSOLE", "")
        return replace(settings, console_path=Path(console)) if console else settings

    @property
    def archive(self) -> Path:
        """Where the log's old days lie."""
        return self.archive_path or self.data.archive

    @property
    def url(self) -> str:
        """Where people and programs reach this deployment."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return self.public_url or f"http://{host}:{self.port}"


def archive_path(environ: Mapping[str, str]) -> Path | None:
    """Return the folder ``QUANYU_ARCHIVE`` names, ``None`` for the one in the data directory."""
    text = environ.get("QUANYU_ARCHIVE", "").strip()
    return Path(text).expanduser().absolute() if text else None


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 36_500:
        raise InvalidSetting(
            f"QUANYU_LOG_DAYS={text!r}: give a number of days, 1 or more",
            message_zh=f"QUANYU_LOG_DAYS={text!r}:请填不小于 1 的天数",
        )
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise InvalidSetting(
            f"PORT={text!r}: give a port between 1 and 65535",
            message_zh=f"PORT={text!r}:请填 1 到 65535 之间的端口",
        )
    return int(text)
