"""What a backup or restore tells whoever waits for it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """Where the work stands, in the order of the work."""

    CHECKING = "checking"
    STARTING_POSTGRES = "starting_postgres"
    POSTGRES = "postgres"
    WAREHOUSE = "warehouse"
    ARCHIVE = "archive"
    CHECKSUMS = "checksums"
    RECONCILING = "reconciling"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes done of the step; ``bytes_total`` is 0 where nobody can know it beforehand."""

    step: Step
    bytes_done: int = 0
    bytes_total: int = 0


ProgressCallback = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """Report to nobody."""
