"""PostgreSQL for the platform: the embedded server, or one by address."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from quanyu.app.settings import Settings
from quanyu.infra.embedded_postgres import EmbeddedPostgres, Phase, Progress, Role, ensure_roles
from quanyu.infra.embedded_postgres.roles import DATABASE, load_passwords
from quanyu.infra.postgres import DatabaseUrls
from quanyu.kernel.errors import Unavailable

_WORDS: Final = {
    Phase.COPYING_BINARIES: ("正在准备数据库程序", "Preparing the database programs"),
    Phase.INITIALISING: ("正在初始化数据库", "Initialising the database"),
    Phase.WAITING_FOR_OLD_PROCESSES: ("正在等待上次的数据库进程退出", "Waiting for the last run's processes"),
    Phase.TAKING_OVER: ("接管上次运行的数据库", "Taking over the database left running"),
    Phase.STARTING: ("正在启动数据库", "Starting PostgreSQL"),
    Phase.RECOVERING: ("数据库正在恢复", "PostgreSQL is recovering"),
    Phase.STOPPING: ("正在停止数据库", "Stopping PostgreSQL"),
}


_LOOK_EVERY_S: Final = 1.0


class UnusablePostgres(Unavailable):
    """The PostgreSQL server given by address does not answer, or does not let us in."""

    code = "postgres.unusable_server"


@dataclass(frozen=True, slots=True)
class PostgresHandle:
    """A reachable PostgreSQL, how to watch over it, and how to let go of it."""

    urls: DatabaseUrls
    # Runs until cancelled; raises when the server has ended and cannot be started again.
    watch: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


async def start_postgres(settings: Settings, report: Callable[[str, str], None]) -> PostgresHandle:
    """Start the embedded server, or prepare the roles of the server given by address.

    Raises:
        UnusablePostgres: the server given by address does not answer, or does not let us in.
    """
    if settings.postgres_superuser_url:
        return await _use_server(settings)

    def tell(progress: Progress) -> None:
        words = _WORDS.get(progress.phase)
        if words is not None:
            report(*(f"{text} {progress.detail}".strip() for text in words))

    server = EmbeddedPostgres(settings.data.root, progress=tell)
    await _start(server)
    urls = DatabaseUrls(
        owner=server.dsn(Role.OWNER), system=server.dsn(Role.SYSTEM), app=server.dsn(Role.APP)
    )

    async def watch() -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if not await asyncio.to_thread(server.is_running):
                report("数据库意外退出，正在重新启动", "PostgreSQL ended unexpectedly; starting it again")
                await _start(server)

    async def stop() -> None:
        await asyncio.to_thread(server.stop)

    return PostgresHandle(urls, watch, stop)


async def _start(server: EmbeddedPostgres) -> None:
    """Start the server in a thread; when we are cancelled, it is stopped again."""
    starting = asyncio.create_task(asyncio.to_thread(server.start))
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        server.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await asyncio.to_thread(server.stop)
        raise


def _unusable_server(error: psycopg.Error) -> UnusablePostgres:
    said = " ".join(str(error).split())[:300]
    return UnusablePostgres(
        f"the PostgreSQL server of QUANYU_POSTGRES_URL cannot be used ({said}); "
        "check that it runs, its address and password, and that the user is a superuser",
        message_zh=f"QUANYU_POSTGRES_URL 指定的 PostgreSQL 无法使用({said});"
        "请检查服务是否运行、地址与密码是否正确、用户是否为超级用户",
    )


async def _use_server(settings: Settings) -> PostgresHandle:
    passwords = load_passwords(settings.data.postgres_passwords)
    try:
        await asyncio.to_thread(ensure_roles, settings.postgres_superuser_url, passwords)
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
        raise _unusable_server(error) from error

    def of(role: Role) -> str:
        return make_conninfo(
            settings.postgres_superuser_url, user=role.value, password=passwords[role], dbname=DATABASE
        )

    async def nothing() -> None:
        return

    async def watch() -> None:
        await asyncio.Event().wait()  # Others watch over it.

    return PostgresHandle(
        DatabaseUrls(owner=of(Role.OWNER), system=of(Role.SYSTEM), app=of(Role.APP)), watch, nothing
    )
