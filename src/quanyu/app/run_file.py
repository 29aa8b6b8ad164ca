"""How the command line finds the platform that runs on this machine."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from quanyu.infra.data_directory import DataDirectory


@dataclass(frozen=True, slots=True)
class RunningPlatform:
    """Where a running platform listens, and its process."""

    url: str
    pid: int
    clock: str  # QUANYU_CLOCK of the platform; a rehearsal's command line must read the same time.


def run_path(data: DataDirectory) -> Path:
    """Return the run file's place."""
    return data.root / "run" / "server.json"


def write_run_file(data: DataDirectory, *, url: str, clock: str) -> None:
    """Say where this process listens; readable by the owner only."""
    path = run_path(data)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(asdict(RunningPlatform(url, os.getpid(), clock))))
    temporary.chmod(0o600)
    temporary.replace(path)


def remove_run_file(data: DataDirectory) -> None:
    """Say that nothing listens any more."""
    run_path(data).unlink(missing_ok=True)


def find_running(data: DataDirectory) -> RunningPlatform | None:
    """Return the platform that runs on this data directory, or ``None``; a crashed one's file is ignored."""
    try:
        running = RunningPlatform(**json.loads(run_path(data).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return running if psutil.pid_exists(running.pid) else None
