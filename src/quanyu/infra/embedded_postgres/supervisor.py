"""Starts, finds again, watches and stops the one PostgreSQL server of a data directory."""

import contextlib
import os
import pwd
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.embedded_postgres import account as accounts
from quanyu.infra.embedded_postgres import binaries, postmaster, roles, runtime_directory
from quanyu.infra.embedded_postgres import cluster as clusters
from quanyu.infra.embedded_postgres.account import ServerAccount
from quanyu.infra.embedded_postgres.binaries import Binaries
from quanyu.infra.embedded_postgres.configuration import SUPERUSER, ServerConfiguration
from quanyu.infra.embedded_postgres.errors import (
    StartCancelled,
    StartFailed,
    StillStopping,
)
from quanyu.infra.embedded_postgres.postmaster import ServerStatus
from quanyu.infra.embedded_postgres.progress import Phase, Progress, ProgressCallback, ignore_progress
from quanyu.infra.embedded_postgres.roles import Role
from quanyu.infra.file_lock import FileLock

DEFAULT_PORT = 5432  # Names the socket; nothing listens on TCP unless asked for.
ORPHAN_PATIENCE_S = 20.0
STOP_LIMIT_S = 120.0
CONNECT_LIMIT_S = 10
LOG_TAIL_BYTES = 4096


class EmbeddedPostgres:
    """PostgreSQL in the data directory. Synchronous: call it in a thread.

    The server runs in its own session, so neither Ctrl-C in our terminal nor our death by SIGKILL reaches
    it; only ``stop`` ends it, and the next ``start`` takes a server left running over.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        progress: ProgressCallback = ignore_progress,
        tcp_port: int | None = None,
        settings: Mapping[str, str] | None = None,
        first_transaction_epoch: int = 0,
    ) -> None:
        """Describe the server; ``start`` makes it.

        Args:
            data_dir: the root of the data directory.
            progress: told about each phase.
            tcp_port: also listen on loopback; unset, only the unix socket is there.
            settings: overrides of ``postgresql.conf``.
            first_transaction_epoch: the upper half of a *new* cluster's first transaction id. A restore
                sets it above that of the old cluster, so that stored transaction ids keep their order.
        """
        self._data = DataDirectory(data_dir)
        self._home = self._data.postgres
        self._progress = progress
        self._began = time.monotonic()
        self._cancelled = threading.Event()
        self._lock = FileLock(self._data.root / "postgres.lock")
        self._child: subprocess.Popen[bytes] | None = None
        self._launched_at = 0.0
        self._binaries: Binaries | None = None
        self._passwords: dict[Role, str] = {}
        self._first_transaction_epoch = first_transaction_epoch
        port = tcp_port or DEFAULT_PORT
        self._configuration = ServerConfiguration(
            socket_directory=runtime_directory.choose(self._home, port),
            log_directory=self._home / "log",
            port=port,
            listen_tcp=tcp_port is not None,
            overrides=dict(settings or {}),
        )

    @property
    def cluster(self) -> Path:
        return self._home / "cluster"

    @property
    def binaries(self) -> Binaries:
        """The programs of this server's version, for ``pg_dump`` and its like; known after ``start``."""
        if self._binaries is None:
            raise StartFailed("The embedded PostgreSQL was not started.")
        return self._binaries

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        process = postmaster.find(self.cluster)
        return process.pid if process is not None else None

    def dsn(self, role: Role | str, database: str = roles.DATABASE) -> str:
        """Return the libpq connection string for a role; available after ``start``."""
        return self._conninfo(Role(role).value, database, password=self._passwords[Role(role)])

    def superuser_dsn(self, database: str = "postgres") -> str:
        """Return the connection string for the superuser: for this operating-system user only."""
        return self._conninfo(SUPERUSER, database)

    def start(self) -> None:
        """Bring the server up and return when it takes connections, however long recovery takes.

        Idempotent. A server left behind by an earlier crash of ours is taken over.

        Raises:
            AlreadyLocked: another process runs this data directory.
            StartFailed: the server ended while starting.
            StartCancelled: ``cancel`` was called meanwhile.
        """
        self._began = time.monotonic()
        self._cancelled.clear()
        self._data.prepare(restoring=True)  # Whether a restore was cut short is the platform's question.
        self._lock.acquire()
        try:
            self._start_locked()
        except BaseException:
            self._lock.release()
            raise

    def cancel(self) -> None:
        """Make a ``start`` in another thread give up. A server it has started goes on recovering."""
        self._cancelled.set()

    def is_running(self) -> bool:
        self._reap()
        return postmaster.find(self.cluster) is not None

    def stop(self, *, limit_s: float = STOP_LIMIT_S) -> None:
        """End the server with a *fast* shutdown and give the data directory free. Idempotent.

        Raises:
            StillStopping: it did not end within ``limit_s``; it will, and nothing is lost.
            AlreadyLocked: it is not ours to end: another process runs this data directory.
        """
        self._began = time.monotonic()
        if not self.cluster.exists():
            self._lock.release()
            return
        self._lock.acquire()
        try:
            self._stop_server(limit_s)
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- start, step by step -------------------------------------------------------------------------

    def _start_locked(self) -> None:
        self._data.require_free_space()
        account = accounts.choose(self.cluster)
        account.require_traversable(self._data.root)
        self._binaries = binaries.install(
            self._data.postgres_binaries, on_copy=lambda: self._report(Phase.COPYING_BINARIES)
        )
        account.own(self._home)
        account.own(self._configuration.log_directory)
        runtime_directory.prepare(self._configuration.socket_directory, account)
        clusters.ensure(
            self.cluster,
            self.binaries,
            account,
            first_transaction_epoch=self._first_transaction_epoch,
            on_initialise=lambda: self._report(Phase.INITIALISING),
        )
        changed = self._write_configuration(account)
        self._passwords = roles.load_passwords(self._data.postgres_passwords)
        if not self._take_over(configuration_changed=changed):
            self._launch(account)
        self._wait_until_ready()
        roles.ensure_roles(self.superuser_dsn(), self._passwords)
        self._report(Phase.READY)

    def _write_configuration(self, account: ServerAccount) -> bool:
        """Write the configuration files; tells whether settings changed that may need a restart."""
        settings = self._configuration.postgresql_conf()
        path = self.cluster / "postgresql.conf"
        changed = path.read_text() != settings
        client = pwd.getpwuid(os.geteuid()).pw_name
        contents = {
            "postgresql.conf": settings,
            "pg_hba.conf": self._configuration.pg_hba_conf(),
            "pg_ident.conf": self._configuration.pg_ident_conf(account, client),
        }
        for name, content in contents.items():
            _replace_file(self.cluster / name, content, account)
        return changed

    def _take_over(self, *, configuration_changed: bool) -> bool:
        """Adopt a server that survived us; end it when it is not quite the one we would start."""
        running = postmaster.find(self.cluster)
        if running is None:
            return False
        self._report(Phase.TAKING_OVER, f"pid {running.pid}")
        entry = postmaster.read_pid_file(self.cluster)
        ours = (
            not configuration_changed
            and _executable(running) == str(self.binaries.program("postgres"))
            and entry is not None
            and entry.status is not ServerStatus.STOPPING
            and self._socket().exists()
        )
        if ours:
            postmaster.request_stop(running, signal.SIGHUP)  # Not a stop: read pg_hba.conf again.
            return True
        self._stop_server(STOP_LIMIT_S)
        return False

    def _launch(self, account: ServerAccount) -> None:
        postmaster.end_orphans(
            self.cluster,
            patience_s=ORPHAN_PATIENCE_S,
            on_wait=self._reporter(Phase.WAITING_FOR_OLD_PROCESSES),
        )
        postmaster.remove_stale_pid_file(self.cluster)
        runtime_directory.clear(self._configuration.socket_directory, self._configuration.port)
        self._bury()
        self._report(Phase.STARTING)
        self._launched_at = time.time()
        with self._start_log().open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603
                [str(self.binaries.program("postgres")), "-D", str(self.cluster)],
                cwd="/",
                env=clusters.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in our terminal must not reach it.
                umask=0o077,
                **account.process_options(),
            )

    def _wait_until_ready(self) -> None:
        report = self._reporter(Phase.RECOVERING, self._recovery_position)
        while True:
            if self._cancelled.is_set():
                raise StartCancelled("The start was given up; PostgreSQL goes on recovering by itself.")
            if self._child is not None and self._child.poll() is not None:
                self._child = None
                raise self._start_failure()
            if self._child is None and postmaster.find(self.cluster) is None:
                raise self._start_failure()
            entry = postmaster.read_pid_file(self.cluster)
            if entry is not None and entry.status is ServerStatus.READY and self._answers():
                return
            report()
            self._cancelled.wait(postmaster.POLL_S)

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.superuser_dsn(), connect_timeout=CONNECT_LIMIT_S) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    # -- stop ----------------------------------------------------------------------------------------

    def _stop_server(self, limit_s: float) -> None:
        process = postmaster.find(self.cluster) or self._launched()
        if process is None:
            return
        report = self._reporter(Phase.STOPPING)
        postmaster.request_stop(process, signal.SIGINT)
        deadline = time.monotonic() + limit_s
        while not postmaster.is_gone(process):
            self._reap()
            if time.monotonic() > deadline:
                raise StillStopping(
                    f"PostgreSQL (pid {process.pid}) did not end within {limit_s:.0f} s; its log is in "
                    f"{self._configuration.log_directory}.",
                    message_zh=f"PostgreSQL（pid {process.pid}）未能在 {limit_s:.0f} 秒内停止。",
                )
            report()
            time.sleep(postmaster.POLL_S)
        self._reap()
        self._report(Phase.STOPPED)

    def _launched(self) -> psutil.Process | None:
        """Return the server we have only just launched: it has not written its pid file yet."""
        self._reap()
        return psutil.Process(self._child.pid) if self._child is not None else None

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _bury(self) -> None:
        """Take the exit status of a server of ours that just died: nobody else can, once it is forgotten."""
        if self._child is not None:
            self._child.wait(timeout=ORPHAN_PATIENCE_S)
            self._child = None

    # -- small helpers -------------------------------------------------------------------------------

    def _conninfo(self, user: str, database: str, password: str = "") -> str:
        options = {"password": password} if password else {}
        return make_conninfo(
            host=str(self._configuration.socket_directory),
            port=self._configuration.port,
            user=user,
            dbname=database,
            application_name="quanyu",
            **options,
        )

    def _socket(self) -> Path:
        return runtime_directory.socket_path(self._configuration.socket_directory, self._configuration.port)

    def _start_log(self) -> Path:
        return self._data.logs / "postgres-start.log"

    def _report(self, phase: Phase, detail: str = "") -> None:
        self._progress(Progress(phase, time.monotonic() - self._began, detail))

    def _reporter(self, phase: Phase, detail: Callable[[], str] = str) -> Callable[[], None]:
        """Return a function that reports the phase when called, at most once a second."""
        last = time.monotonic()

        def report() -> None:
            nonlocal last
            if time.monotonic() - last >= 1.0:
                last = time.monotonic()
                self._report(phase, detail())

        return report

    def _recovery_position(self) -> str:
        lines = [line for line in self._log_tail().splitlines() if " in progress" in line]
        return lines[-1].partition("LOG:")[2].strip() if lines else ""

    def _log_tail(self) -> str:
        """Return the end of what the server said since we launched it."""
        logs = [self._start_log(), *sorted(self._configuration.log_directory.glob("*.log"))]
        recent = [path for path in logs if path.exists() and path.stat().st_mtime >= self._launched_at - 1]
        return "".join(_tail(path) for path in sorted(recent, key=lambda path: path.stat().st_mtime))

    def _start_failure(self) -> StartFailed:
        lines = [line for line in self._log_tail().splitlines() if line.strip()]
        return StartFailed(
            "PostgreSQL ended while starting. The end of its log:\n" + "\n".join(lines[-12:]),
            message_zh="PostgreSQL 启动时退出，日志末尾：\n" + "\n".join(lines[-12:]),
            log_directory=str(self._configuration.log_directory),
        )


def _executable(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return process.exe()
    return ""


def _replace_file(path: Path, content: str, account: ServerAccount) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(content)
    temporary.chmod(0o600)
    if not account.is_ours:
        os.chown(temporary, account.uid, account.gid)
    temporary.replace(path)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
