"""The operating-system account the server runs as: ourselves, or our own system user when we are root."""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quanyu.infra.embedded_postgres.errors import NoServerAccount, NotTraversable, WrongOwner

SYSTEM_USER = "quanyu"
COMMAND_LIMIT_S = 30


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """Who owns the cluster's files and runs its processes."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """Return the ``subprocess`` options that run a program as this account."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path, mode: int = 0o700) -> None:
        """Create a directory that belongs to this account."""
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def require_traversable(self, path: Path) -> None:
        """Check that the account can pass through every directory above ``path``.

        Raises:
            NotTraversable: names the first directory that stops it and the command that opens it.
        """
        if self.is_ours:
            return
        for directory in reversed([path, *path.parents]):
            if not self._may_enter(directory):
                raise NotTraversable(
                    f"PostgreSQL runs as the user {self.name} and cannot pass through {directory}. "
                    f"Run `chmod o+x {directory}`, or choose another QUANYU_DATA "
                    "(unset, it is /var/lib/quanyu).",
                    message_zh=f"PostgreSQL 以用户 {self.name} 运行，无法进入 {directory}。"
                    f"请运行 `chmod o+x {directory}`，或另选 QUANYU_DATA（默认 /var/lib/quanyu）。",
                    directory=str(directory),
                )

    def _may_enter(self, directory: Path) -> bool:
        # Asking the kernel as that user also honours access lists and mount options.
        result = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)],
            cwd="/",
            env={"LC_ALL": "C"},
            capture_output=True,
            timeout=COMMAND_LIMIT_S,
            **self.process_options(),
        )
        return result.returncode == 0


def choose(cluster: Path) -> ServerAccount:
    """Return the account for this cluster: its owner when it exists, else ourselves or the system user.

    Raises:
        NoServerAccount: we are root and the system user cannot be created, or our uid has no name.
        WrongOwner: the cluster belongs to somebody else and we are not root.
    """
    euid = os.geteuid()
    if cluster.exists():
        owner = cluster.stat(follow_symlinks=True).st_uid
        if owner not in (euid, 0) and euid != 0:
            raise WrongOwner(
                f"{cluster} belongs to uid {owner}; we run as uid {euid}. "
                f"Start as that user, or run `chown -R {euid} {cluster}` while nothing runs.",
                message_zh=f"{cluster} 属于用户 {owner}，而当前用户是 {euid}。"
                "请以该用户启动，或先更改所有者。",
            )
        if owner != 0:
            return _by_uid(owner)
    return _by_uid(euid) if euid != 0 else _system_user()


def _by_uid(uid: int) -> ServerAccount:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise NoServerAccount(
            f"The user id {uid} has no name on this machine, which PostgreSQL needs. "
            "Add it to /etc/passwd (in a container: choose a user the image knows).",
            message_zh=f"用户编号 {uid} 在本机没有用户名，PostgreSQL 无法运行。请在 /etc/passwd 中添加。",
        ) from None
    return ServerAccount(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_user() -> ServerAccount:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        with _alone():
            _create_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return ServerAccount(entry.pw_name, entry.pw_uid, entry.pw_gid)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one start after the other create the user.

    ``useradd`` looks whether a user is there before it locks the list: of two at once, the later gives the
    user another number, and the server of the earlier runs as nobody.
    """
    place = os.open("/etc", os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def _create_system_user() -> None:
    nologin = next(
        (path for path in ("/usr/sbin/nologin", "/sbin/nologin") if Path(path).exists()), "/bin/false"
    )
    attempts = (
        ["useradd", "-r", "-U", "-M", "-d", "/nonexistent", "-s", nologin, SYSTEM_USER],
        ["adduser", "-S", "-D", "-H", "-s", nologin, SYSTEM_USER],  # BusyBox, as on Alpine.
    )
    failures = []
    for command in attempts:
        program = shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin")
        if program is None:
            continue
        result = subprocess.run(  # noqa: S603
            [program, *command[1:]], capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
        )
        if result.returncode in (0, 9):  # 9: it exists by now, another start was faster.
            return
        failures.append(result.stderr.strip())
    raise NoServerAccount(
        f"PostgreSQL refuses to run as root and the system user {SYSTEM_USER} could not be created"
        f"{': ' + '; '.join(failures) if failures else ''}. Create it yourself "
        f"(`useradd --system {SYSTEM_USER}`), or start Quanyu as an ordinary user.",
        message_zh=f"PostgreSQL 不能以 root 运行，且无法创建系统用户 {SYSTEM_USER}。"
        f"请手动创建（`useradd --system {SYSTEM_USER}`），或以普通用户启动。",
    )


def is_safe_directory(path: Path, owners: set[int]) -> bool:
    """Tell whether a directory in a shared place is really ours: no link, no stranger, nobody else writes."""
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid in owners and not status.st_mode & 0o022
