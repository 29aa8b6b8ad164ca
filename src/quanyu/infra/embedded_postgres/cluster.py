"""Making a cluster on disk, whole or not at all."""

import secrets
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from quanyu.infra.embedded_postgres.account import ServerAccount
from quanyu.infra.embedded_postgres.binaries import MAJOR_VERSION, Binaries
from quanyu.infra.embedded_postgres.configuration import SUPERUSER
from quanyu.infra.embedded_postgres.errors import InitFailed, WrongMajorVersion

COMMAND_LIMIT_S = 300.0
SAID_MAX_CHARS = 4096
# The built-in provider sorts by code point everywhere; macOS has no C.UTF-8 in its C library.
INITDB_OPTIONS = (
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--encoding=UTF8",
    f"--username={SUPERUSER}",
    "--auth-local=peer",
    "--auth-host=scram-sha-256",
    "--no-instructions",
)


def ensure(
    cluster: Path,
    binaries: Binaries,
    account: ServerAccount,
    *,
    first_transaction_epoch: int,
    on_initialise: Callable[[], None],
) -> None:
    """Make the cluster unless it is there.

    Raises:
        WrongMajorVersion: it is there, made by another major version of PostgreSQL.
        InitFailed: it could not be made.
    """
    version_file = cluster / "PG_VERSION"
    if not version_file.exists():
        on_initialise()
        _initialise(cluster, binaries, account, first_transaction_epoch)
    version = version_file.read_text().strip()
    if version != str(MAJOR_VERSION):
        raise WrongMajorVersion(
            f"{cluster} was made by PostgreSQL {version}; we carry {MAJOR_VERSION}. "
            "Make a backup with the release that made it and restore that one here.",
            message_zh=f"{cluster} 由 PostgreSQL {version} 创建，当前版本为 {MAJOR_VERSION}。"
            "请用原版本备份后在此恢复。",
        )


def _initialise(cluster: Path, binaries: Binaries, account: ServerAccount, epoch: int) -> None:
    """Make it under a temporary name, so that one cut short is never taken for a whole one."""
    for leftover in cluster.parent.glob("cluster.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    building = cluster.with_name(f"cluster.new-{secrets.token_hex(4)}")
    try:
        _run_as(account, [str(binaries.program("initdb")), f"--pgdata={building}", *INITDB_OPTIONS])
        if epoch:
            reset = str(binaries.program("pg_resetwal"))
            _run_as(account, [reset, f"--pgdata={building}", f"--epoch={epoch}"])
    except InitFailed:
        shutil.rmtree(building, ignore_errors=True)
        raise
    building.rename(cluster)


def _run_as(account: ServerAccount, command: list[str]) -> None:
    result = subprocess.run(  # noqa: S603
        command,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=COMMAND_LIMIT_S,
        umask=0o077,
        **account.process_options(),
    )
    if result.returncode != 0:
        said = result.stderr.decode(errors="replace")[-SAID_MAX_CHARS:].strip()
        raise InitFailed(f"{Path(command[0]).name} failed: {said}")


def environment() -> dict[str, str]:
    """Return what the server's programs see of our environment: nothing."""
    # Nothing of ours leaks into the server (PGDATA, TZ, LD_PRELOAD). Without a locale macOS starts a
    # second thread in the postmaster, which then refuses to run.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
