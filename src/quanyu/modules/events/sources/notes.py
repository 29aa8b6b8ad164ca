"""What the door heard of each source, counted in memory and written as sums by a loop.

Counts of the last two seconds are lost in a crash; events never are.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import AcceptOutcome
from quanyu.modules.events.sources.rules import LATE_AFTER

_log = get_logger("events.sources")

_WRITE_EVERY_S: Final = 2.0
_KEPT: Final = timedelta(days=32)


@dataclass(slots=True)
class _Sum:
    accepted: int = 0
    duplicate: int = 0
    duplicate_differs: int = 0
    quarantined: int = 0
    rejected: int = 0
    late: int = 0
    skewed: int = 0
    skew_max_s: int = 0
    last_name: str = ""

    def add(self, other: "_Sum") -> None:
        self.accepted += other.accepted
        self.duplicate += other.duplicate
        self.duplicate_differs += other.duplicate_differs
        self.quarantined += other.quarantined
        self.rejected += other.rejected
        self.late += other.late
        self.skewed += other.skewed
        self.skew_max_s = max(self.skew_max_s, other.skew_max_s)
        self.last_name = self.last_name or other.last_name


class SourceNotes:
    """Counts in memory, written by ``run``. Sources are those of write keys: their number is bounded."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._noted: dict[tuple[TenantId, str], _Sum] = {}

    def heard(
        self,
        tenant_id: TenantId,
        source: str,
        outcome: AcceptOutcome,
        *,
        name: str,
        occurred_at: datetime,
        received_at: datetime,
        skew_s: int,
    ) -> None:
        """Note an event that was answered."""
        noted = self._of(tenant_id, source)
        if outcome is AcceptOutcome.ACCEPTED:
            noted.accepted += 1
        elif outcome is AcceptOutcome.DUPLICATE:
            noted.duplicate += 1
        elif outcome is AcceptOutcome.DUPLICATE_DIFFERS:
            noted.duplicate_differs += 1
        else:
            noted.quarantined += 1
        noted.last_name = name
        if received_at - occurred_at > LATE_AFTER:
            noted.late += 1
        if skew_s:
            noted.skewed += 1
            noted.skew_max_s = max(noted.skew_max_s, skew_s)

    def rejected(self, tenant_id: TenantId, source: str, events: int) -> None:
        """Note events, or a request, that were refused."""
        self._of(tenant_id, source).rejected += events

    def _of(self, tenant_id: TenantId, source: str) -> _Sum:
        noted = self._noted.get((tenant_id, source))
        if noted is None:
            noted = self._noted[tenant_id, source] = _Sum()
        return noted

    async def run(self, stopping: asyncio.Event) -> None:
        """Write sums until ``stopping`` is set, and then what is left."""
        while not stopping.is_set():
            await wait(stopping, _WRITE_EVERY_S)
            try:
                await self.write()
            except Exception as error:
                _log.warning("sources.not_written", error=type(error).__name__)

    async def write(self) -> None:
        """Write what was noted; kept in memory when that fails."""
        noted, self._noted = self._noted, {}
        try:
            for key in sorted(noted):
                await self._write(key, noted[key])
                del noted[key]
        except BaseException:
            for (tenant_id, source), left in noted.items():
                self._of(tenant_id, source).add(left)
            raise

    async def _write(self, key: tuple[TenantId, str], noted: _Sum) -> None:
        tenant_id, source = key
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            await uow.execute(
                _ADD,
                {
                    "tenant": tenant_id,
                    "hour": now.replace(minute=0, second=0, microsecond=0),
                    "source": source,
                    "accepted": noted.accepted,
                    "duplicates": noted.duplicate,
                    "differs": noted.duplicate_differs,
                    "quarantined": noted.quarantined,
                    "rejected": noted.rejected,
                    "late": noted.late,
                    "skewed": noted.skewed,
                    "skew": noted.skew_max_s,
                    # A refusal is no event: who sends nothing but them was not heard.
                    "last_at": now if noted.last_name else None,
                    "last_name": noted.last_name.replace("\0", ""),
                },
            )
            await uow.execute(
                "DELETE FROM event_source_hour WHERE tenant_id = :tenant AND hour < :old",
                {"tenant": tenant_id, "old": now - _KEPT},
            )


_ADD: Final = """
INSERT INTO event_source_hour AS h (tenant_id, hour, source, accepted, duplicates, differs, quarantined,
    rejected, late, skewed, skew_max_s, last_at, last_name)
VALUES (:tenant, :hour, :source, :accepted, :duplicates, :differs, :quarantined, :rejected, :late, :skewed,
    :skew, :last_at, :last_name)
ON CONFLICT (tenant_id, hour, source) DO UPDATE SET
    accepted = h.accepted + excluded.accepted, duplicates = h.duplicates + excluded.duplicates,
    differs = h.differs + excluded.differs, quarantined = h.quarantined + excluded.quarantined,
    rejected = h.rejected + excluded.rejected, late = h.late + excluded.late,
    skewed = h.skewed + excluded.skewed, skew_max_s = greatest(h.skew_max_s, excluded.skew_max_s),
    last_at = coalesce(excluded.last_at, h.last_at),
    last_name = CASE WHEN excluded.last_name = '' THEN h.last_name ELSE excluded.last_name END
"""
