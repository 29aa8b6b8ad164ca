"""Where the server's socket lives: the kernel limits its path, so long data paths need a stand-in."""

import hashlib
import os
import sys
from pathlib import Path

from quanyu.infra.embedded_postgres.account import ServerAccount, is_safe_directory
from quanyu.infra.embedded_postgres.errors import NotTraversable

# sizeof(sun_path) less the final zero byte: unix(7) on Linux, <sys/un.h> on macOS.
SOCKET_PATH_MAX_BYTES = 103 if sys.platform == "darwin" else 107


def socket_path(directory: Path, port: int) -> Path:
    return directory / f".s.PGSQL.{port}"


def choose(postgres: Path, port: int) -> Path:
    """Return the socket directory of a cluster: inside it when the path is short enough, else a short one.

    The same data directory always gives the same answer, so a later start finds a running server.
    """
    inside = postgres / "run"
    if len(os.fsencode(socket_path(inside, port))) <= SOCKET_PATH_MAX_BYTES:
        return inside
    name = hashlib.sha256(os.fsencode(os.path.realpath(postgres))).hexdigest()[:16]
    # Not tempfile.gettempdir(): on macOS that is itself a long path.
    base = Path("/run") if os.geteuid() == 0 and os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108
    return base / f"quanyu-{os.geteuid()}-{name}"


def prepare(directory: Path, account: ServerAccount) -> None:
    """Create the socket directory for the server's account.

    Raises:
        NotTraversable: the name is taken in a shared place by something that is not ours.
    """
    try:
        directory.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not is_safe_directory(directory, {os.geteuid(), account.uid}):
            raise NotTraversable(
                f"{directory} exists and is not ours; refusing to put the database socket there. Remove it.",
                message_zh=f"{directory} 已存在且不属于我们，请删除后重试。",
            ) from None
    account.own(directory)


def clear(directory: Path, port: int) -> None:
    """Remove the socket and its lock file left by a dead server.

    The server would refuse to start when the pid in the lock file now belongs to some other process. The
    directory is ours alone, so without a running server nobody else can own them.
    """
    socket = socket_path(directory, port)
    for path in (socket, socket.with_name(f"{socket.name}.lock")):
        path.unlink(missing_ok=True)
