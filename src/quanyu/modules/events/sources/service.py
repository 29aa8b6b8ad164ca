"""How each source does."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.sources import queries, rules
from quanyu.modules.events.sources.contracts import (
    HourVolume,
    SourceHealth,
    SourceState,
    SourcesView,
    SourceTally,
)
from quanyu.modules.events.sources.queries import DaySum, SeenSum

HOURS: Final = 24
_URGENCY: Final = (SourceState.FAILING, SourceState.SILENT, SourceState.WAITING, SourceState.HEALTHY)
_NOTHING: Final = DaySum(0, 0, 0, 0, 0, 0, 0, None, "")


class Sources:
    """What is known of the brand's sources."""

    def __init__(self, uows: UnitOfWorkFactory, consumers: Sequence[str]) -> None:
        self._uows = uows
        self._consumers = tuple(consumers)

    async def view(self, tenant_id: TenantId) -> SourcesView:
        """Return every source, those to look at first, and how far the pipeline is behind."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            since = _hour_of(now) - timedelta(hours=HOURS - 1)
            doors = await queries.sum_doors(uow, since)
            seen = await queries.sum_seen(uow)
            hours = await queries.list_hours(uow, now - rules.WEEK)
            keys = await queries.list_key_sources(uow)
            stages = await queries.list_stages(uow, self._consumers)
        found = [
            _health(
                source,
                source in keys,
                doors.get(source, _NOTHING),
                seen.get(source),
                hours.get(source, ()),
                now=now,
            )
            for source in sorted({*doors, *seen, *keys} - {""})
        ]
        found.sort(key=lambda one: (_URGENCY.index(one.state), -one.accepted, one.source))
        return SourcesView(as_of=now, sources=tuple(found), stages=stages)


async def tally_sources(uow: UnitOfWork, since: datetime) -> Mapping[str, SourceTally]:
    """Return what every source brought since a moment, whole hours; at most 32 days are known."""
    return await queries.tally(uow, _hour_of(since))


def _health(
    source: str,
    has_key: bool,
    door: DaySum,
    seen: SeenSum | None,
    hours: Sequence[tuple[datetime, int]],
    *,
    now: datetime,
) -> SourceHealth:
    latest = _hour_of(now)
    counts = dict(hours)
    day = [
        HourVolume(hour=hour, events=counts.get(hour, 0))
        for hour in (latest - timedelta(hours=back) for back in range(HOURS - 1, -1, -1))
    ]
    accepted = sum(one.events for one in day)
    last_at = max((at for at in (door.last_at, seen.last_at if seen else None) if at), default=None)
    is_door_latest = door.last_at is not None and door.last_at == last_at
    state, reasons = rules.judge(
        rules.Heard(
            accepted=accepted,
            rejected=door.rejected,
            quarantined=door.quarantined,
            differs=door.differs,
            late=door.late,
            skewed=door.skewed,
            last_at=last_at,
            active_hours=[hour for hour, _ in hours],
        ),
        now,
    )
    return SourceHealth(
        source=source,
        has_key=has_key,
        state=state,
        reasons=reasons,
        accepted=accepted,
        duplicates=door.duplicates,
        differs=door.differs,
        rejected=door.rejected,
        quarantined=door.quarantined,
        late=door.late,
        skewed=door.skewed,
        skew_max_s=door.skew_max_s,
        first_heard_at=seen.first_at if seen else last_at,
        last_heard_at=last_at,
        last_event=door.last_name if is_door_latest or seen is None else seen.last_name,
        hours=tuple(day),
    )


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
