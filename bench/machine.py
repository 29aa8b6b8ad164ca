"""The machine a figure was seen on, and how busy it was with other things."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

BUSY_LOAD = 1.5  # A bench of ours needs two cores; what others use is missing from its figures.

Load = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the table names."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    commit: str
    date: str
    load_at_start: Load
    load_at_end: Load

    @property
    def was_busy(self) -> bool:
        """Whether others used the machine when the benches began."""
        return self.load_at_start[0] > BUSY_LOAD

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, {self.memory_gib:.0f} GiB, {self.system}; {self.date}, "
            f"commit {self.commit}; load average {_written(self.load_at_start)} at the start, "
            f"{_written(self.load_at_end)} at the end"
        )


def look_at_machine(load_at_start: Load) -> Machine:
    """Describe this machine now."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gib=psutil.virtual_memory().total / 2**30,
        system=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        commit=_commit(),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        load_at_start=load_at_start,
        load_at_end=os.getloadavg(),
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.decode().strip()


def _written(load: Load) -> str:
    return " ".join(f"{one:.1f}" for one in load)
