"""What crosses the boundary of the archive."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

KEEP_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """Where the archive lies, how long the log keeps a day, and how much is held in memory."""

    directory: Path
    keep_days: int = KEEP_DAYS  # Whole UTC days in the log before today.
    part_rows: int = 250_000
    part_bytes: int = 128 * 2**20
    chunk_rows: int = 20_000  # Of one transaction, which has five seconds.
    chunk_bytes: int = 8 * 2**20  # About this much CSV is in memory at once.


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePart:
    """One file of the archive: a stretch of one brand's day, in the order accepted.

    (``from_xid``, ``from_position``) is its first event and (``to_xid``, ``to_position``) its last.
    """

    tenant_id: int
    day: date  # UTC, of ``received_at``.
    part: int
    file: str  # Relative to the archive's directory.
    events: int
    size_bytes: int
    sha256: bytes
    from_xid: int
    from_position: int
    to_xid: int
    to_position: int
    from_batch: int
    to_batch: int
    written_at: datetime
    dropped_at: datetime | None  # When the log let go of these events.


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDay:
    """What the archive holds of one day of a brand."""

    day: date
    files: int
    events: int
    size_bytes: int
    dropped: bool  # Whether the archive alone holds it.


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDay:
    """A day that is old enough to go. ``held_by``: who has not read it yet; ``None``: it goes soon."""

    day: date
    held_by: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """Why a day cannot go yet: ``consumer`` of the brand has not read all of it."""

    tenant_id: int
    consumer: str


def day_bounds(day: date) -> tuple[str, str]:
    """Return the first instant of a UTC day and that of the next, as text."""
    return f"{day.isoformat()} 00:00:00+00", f"{(day + timedelta(days=1)).isoformat()} 00:00:00+00"
