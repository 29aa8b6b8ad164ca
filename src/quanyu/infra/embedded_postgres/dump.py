"""Dumping and loading a database with the programs of the wheel: also of a server given by address."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from quanyu.infra.embedded_postgres import binaries
from quanyu.kernel.errors import Unavailable

POLL_S = 0.5
SAID_MAX_CHARS = 2000
BytesCallback = Callable[[int], None]


class DumpFailed(Unavailable):
    """``pg_dump`` or ``pg_restore`` failed; the message carries what it said."""

    code = "postgres.dump_failed"


async def dump(dsn: str, target: Path, *, snapshot: str, on_bytes: BytesCallback) -> None:
    """Write the database as one compressed file, exactly as the exported ``snapshot`` sees it.

    Raises:
        DumpFailed: it could not be read or written whole.
    """
    command = ["--format=custom", "--compress=gzip:1", "--no-owner", f"--snapshot={snapshot}"]
    await _run("pg_dump", dsn, [*command, f"--file={target}"], lambda: on_bytes(_size(target)))


async def load(dsn: str, source: Path, *, jobs: int = 2) -> None:
    """Load a dump into the empty database of ``dsn``; its role will own everything.

    Raises:
        DumpFailed: something did not fit; the database is half filled and must be thrown away.
    """
    command = ["--exit-on-error", "--no-owner", f"--jobs={jobs}", str(source)]
    await _run("pg_restore", dsn, command, lambda: None)


async def _run(program: str, dsn: str, arguments: list[str], on_wait: Callable[[], None]) -> None:
    bare, environment = _without_password(dsn)
    process = await asyncio.create_subprocess_exec(
        str(binaries.from_environment().program(program)),
        f"--dbname={bare}",
        "--no-password",
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C reaches us first, and we end it in order.
    )
    talking = asyncio.create_task(process.communicate())
    try:
        while not (await asyncio.wait({talking}, timeout=POLL_S))[0]:
            on_wait()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        _, said = await talking
    on_wait()
    if process.returncode != 0:
        raise DumpFailed(f"{program} failed: {said.decode(errors='replace')[-SAID_MAX_CHARS:].strip()}")


def _without_password(dsn: str) -> tuple[str, dict[str, str]]:
    """Move the password to the environment, where other users of the machine cannot read it."""
    parts = conninfo_to_dict(dsn)
    password = str(parts.pop("password", "") or "")
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGPASSWORD": password}
    return make_conninfo("", **{key: value for key, value in parts.items() if value is not None}), environment


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
