"""Settings: typed, read once from the environment, passed in."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from quanyu.infra.data_directory import DataDirectory
from quanyu.kernel.clock import InvalidClock, SystemClock
from quanyu.kernel.errors import InvalidInput
from quanyu.modules.events.archive.contracts import KEEP_DAYS

DEFAULT_PORT = 8000
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


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
    model_hosts: tuple[str, ...] = ()  # Hosts of the inner network at which a language model may be.
    webhook_hosts: tuple[str, ...] = ()  # Those to which webhooks may be posted.

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings of this process.

        Raises:
            InvalidSetting: a variable cannot be used; the message names it.
        """
        settings = cls(
            data=DataDirectory.from_env(environ),
            clock=_clock(environ),
            host=environ.get("QUANYU_HOST", "127.0.0.1"),
            port=_port(environ.get("QUANYU_PORT") or environ.get("PORT") or str(DEFAULT_PORT)),
            public_url=_public_url(environ.get("QUANYU_PUBLIC_URL", "").strip().rstrip("/")),
            postgres_superuser_url=_postgres_url(environ.get("QUANYU_POSTGRES_URL", "").strip()),
            warehouse_url=_warehouse_url(environ.get("QUANYU_WAREHOUSE_URL", "").strip()),
            log_days=_days(environ.get("QUANYU_LOG_DAYS") or str(KEEP_DAYS)),
            archive_path=archive_path(environ),
            log_level=_log_level(environ.get("QUANYU_LOG_LEVEL") or "WARNING"),
            model_hosts=tuple(environ.get("QUANYU_MODEL_HOSTS", "").replace(",", " ").split()),
            webhook_hosts=tuple(environ.get("QUANYU_WEBHOOK_HOSTS", "").replace(",", " ").split()),
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


def _clock(environ: Mapping[str, str]) -> SystemClock:
    try:
        return SystemClock.from_env(environ)
    except InvalidClock as error:
        raise InvalidSetting(
            str(error),
            message_zh=f"QUANYU_CLOCK={environ.get('QUANYU_CLOCK', '')!r}:请填"
            " <真实秒>:<虚拟秒>:<倍速>,倍速须大于 0",
        ) from error


def _log_level(text: str) -> str:
    level = text.strip().upper()
    if level not in LOG_LEVELS:
        raise InvalidSetting(
            f"QUANYU_LOG_LEVEL={text!r}: give one of {', '.join(LOG_LEVELS)}",
            message_zh=f"QUANYU_LOG_LEVEL={text!r}:请填 {', '.join(LOG_LEVELS)} 之一",
        )
    return level


def _public_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise InvalidSetting(
            f"QUANYU_PUBLIC_URL={url!r}: give an address that begins with https:// or http://",
            message_zh=f"QUANYU_PUBLIC_URL={url!r}:请填以 https:// 或 http:// 开头的地址",
        )
    return url


def _postgres_url(url: str) -> str:
    """Return a connection string libpq can read. What was given holds a password, so it is never repeated."""
    if not url:
        return ""
    # Loaded only where it is needed: most commands merely ask a running platform.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        conninfo_to_dict(url)
    except ProgrammingError as error:
        raise InvalidSetting(
            "QUANYU_POSTGRES_URL is no PostgreSQL address; give postgresql://user:password@host:port/postgres",
            message_zh="QUANYU_POSTGRES_URL 不是 PostgreSQL 地址，请填 postgresql://用户:密码@主机:端口/postgres",
        ) from error
    return url


def _warehouse_url(url: str) -> str:
    if not url:
        return ""
    from quanyu.infra.warehouse.settings import Address

    try:
        Address.parse(url)
    except (InvalidInput, ValueError) as error:  # The address may hold a password as well.
        raise InvalidSetting(
            "QUANYU_WAREHOUSE_URL is no warehouse address; give http(s)://user:password@host:port",
            message_zh="QUANYU_WAREHOUSE_URL 不是数据仓库地址，请填 http(s)://用户:密码@主机:端口",
        ) from error
    return url


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 36_500:
        raise InvalidSetting(
            f"QUANYU_LOG_DAYS={text!r}: give a number of days, 1 or more",
            message_zh=f"QUANYU_LOG_DAYS={text!r}：请填不小于 1 的天数",
        )
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise InvalidSetting(
            f"PORT={text!r}: give a port between 1 and 65535",
            message_zh=f"PORT={text!r}：请填 1 到 65535 之间的端口",
        )
    return int(text)
