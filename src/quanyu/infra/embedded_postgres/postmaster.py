"""The running server seen from outside: its pid file, its processes, its end."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

POLL_S = 0.05
PID_FILE = "postmaster.pid"


class ServerStatus(StrEnum):
    """The last line of the pid file."""

    STARTING = "starting"
    STOPPING = "stopping"
    READY = "ready"
    STANDBY = "standby"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a server writes about itself (``src/include/utils/pidfile.h`` of PostgreSQL names the lines)."""

    pid: int
    port: int | None
    socket_directory: Path | None
    status: ServerStatus


def read_pid_file(cluster: Path) -> PidFile | None:
    """Return the parsed pid file; ``None`` when there is none or it was cut short before the pid."""
    try:
        lines = (cluster / PID_FILE).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().lstrip("-").isdigit():
        return None

    def line(number: int) -> str:
        return lines[number - 1].strip() if len(lines) >= number else ""

    status = line(8)
    return PidFile(
        pid=abs(int(lines[0])),
        port=int(line(4)) if line(4).isdigit() else None,
        socket_directory=Path(line(5)) if line(5) else None,
        status=ServerStatus(status) if status in set(ServerStatus) else ServerStatus.UNKNOWN,
    )


def find(cluster: Path) -> psutil.Process | None:
    """Return the live postmaster of this cluster.

    A pid alone proves nothing: after a reboot or in a container it is soon somebody else's. A postmaster
    works inside its cluster directory, and that a stranger's process does not.
    """
    entry = read_pid_file(cluster)
    if entry is None:
        return None
    try:
        process = psutil.Process(entry.pid)
        if process.status() == psutil.STATUS_ZOMBIE or not _works_in(process, cluster):
            return None
    except psutil.Error:
        return None
    return process


def remove_stale_pid_file(cluster: Path) -> bool:
    """Remove a pid file whose server is gone; tells whether there was one."""
    path = cluster / PID_FILE
    if not path.exists() or find(cluster) is not None:
        return False
    path.unlink(missing_ok=True)
    return True


def orphans(cluster: Path) -> list[psutil.Process]:
    """Return backends that outlived their postmaster; they end by themselves once they notice."""
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error):
            if process.info["name"] == "postgres" and _works_in(process, cluster):
                found.append(process)
    return found


def end_orphans(cluster: Path, *, patience_s: float, on_wait: Callable[[], None]) -> None:
    """Wait until the processes of a dead postmaster are gone; after ``patience_s`` make them go.

    Starting beside them would mean two servers on the same shared memory. SIGQUIT is what a postmaster
    sends after a crash: they leave at once and recovery repairs the rest.
    """
    deadline = time.monotonic() + patience_s
    while left := orphans(cluster):
        on_wait()
        if time.monotonic() >= deadline:
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGQUIT)
            deadline = time.monotonic() + patience_s
        time.sleep(POLL_S)


def request_stop(process: psutil.Process, how: signal.Signals) -> None:
    """Ask for a shutdown: SIGINT is *fast*, SIGQUIT is *immediate*."""
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        os.kill(process.pid, how)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return os.path.realpath(process.cwd()) == os.path.realpath(cluster)
    except psutil.AccessDenied:
        return False  # Another user's process cannot be the server of a cluster that is ours.
