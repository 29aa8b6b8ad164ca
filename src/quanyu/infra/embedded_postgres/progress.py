"""What the supervisor tells whoever waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where a start or stop stands."""

    COPYING_BINARIES = "copying_binaries"
    INITIALISING = "initialising"
    WAITING_FOR_OLD_PROCESSES = "waiting_for_old_processes"
    TAKING_OVER = "taking_over"
    STARTING = "starting"
    RECOVERING = "recovering"
    READY = "ready"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step, reported at most about once a second while a phase lasts."""

    phase: Phase
    elapsed_s: float
    detail: str = ""  # During recovery: the server's own words, with the position it has reached.


ProgressCallback = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """Report to nobody."""
