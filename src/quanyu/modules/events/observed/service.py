"""The event catalogue: every name that was ever heard, how much of it, and what its events look like."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import QueryLimits, Warehouse
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.events.contracts import EventKind
from quanyu.modules.events.observed.contracts import (
    DayVolume,
    EventCatalogue,
    EventDetail,
    EventSample,
    EventSeen,
    SourceVolume,
)
from quanyu.modules.events.observed.inference import MayShow, infer, redacted
from quanyu.modules.tenants.service import Tenants

LOOKED_AT: Final = 500
SAMPLES: Final = 5
DAYS: Final = 30
# What one of the events looked at may hold; larger ones say nothing more about its shape.
_SAMPLE_BYTES_MAX: Final = 16_384
_LIMITS: Final = QueryLimits(threads=1, time_s=20)

# Whether a value of a property may be shown: (is it an attribute of a person, key, value).
Discretion = Callable[[bool, str, Any], bool]


class UnseenEvent(NotFound):
    """No event of this name was counted yet."""

    code = "events.unseen"


class Observed:
    """Tells what was observed."""

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, tenants: Tenants, discretion: Discretion
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._tenants = tenants
        self._discretion = discretion

    async def catalogue(self, uow: UnitOfWork) -> EventCatalogue:
        """Return every event name, the busiest of the last thirty days first."""
        volumes = await self._volumes(uow, name=None)
        counted = await uow.execute(
            "SELECT counted_at FROM event_counted WHERE tenant_id = :tenant", {"tenant": uow.tenant_id}
        )
        items = [_event(name, kind, sources) for (name, kind), sources in volumes.items()]
        items.sort(key=lambda one: (-one.days_30, -one.events, one.name))
        row = counted.first()
        return EventCatalogue(items=tuple(items), counted_at=row.counted_at if row else None)

    async def detail(self, tenant_id: TenantId, name: str) -> EventDetail:
        """Return one event name with its days, properties and latest events.

        Raises:
            UnseenEvent: none of that name was counted.
            WarehouseUnavailable: its properties cannot be looked at now.
        """
        async with self._uows.app(tenant_id) as uow:
            volumes = await self._volumes(uow, name=name)
            days = await self._days(uow, name)
        if not volumes:
            raise UnseenEvent(f"no event {name!r} was counted yet", message_zh=f"还没有统计到事件「{name}」")
        ((_, kind), sources), *_ = volumes.items()
        rows = await self._latest(tenant_id, name)
        may_show = self._may_show(kind)
        samples = [json.loads(row[0]) for row in rows]
        return EventDetail(
            event=_event(name, kind, sources),
            days=days,
            looked_at=len(rows),
            properties=infer(samples, may_show),
            samples=tuple(
                _sample(row, properties, may_show)
                for row, properties in zip(rows[:SAMPLES], samples[:SAMPLES], strict=True)
            ),
        )

    def _may_show(self, kind: str) -> MayShow:
        is_about_person = kind in (EventKind.IDENTIFY, EventKind.GROUP)
        return lambda key, value: self._discretion(is_about_person, key, value)

    async def _volumes(
        self, uow: UnitOfWork, *, name: str | None
    ) -> dict[tuple[str, str], list[SourceVolume]]:
        today, since = await self._days_since(uow)
        rows = await uow.execute(
            _VOLUMES, {"tenant": uow.tenant_id, "today": today, "since": since, "name": name}
        )
        found: dict[tuple[str, str], list[SourceVolume]] = {}
        kinds: dict[str, str] = {}
        for row in rows:
            kind = kinds.setdefault(row.name, row.kind)
            found.setdefault((row.name, kind), []).append(
                SourceVolume(
                    source=row.source,
                    events=row.events,
                    today=row.today,
                    days_30=row.days_30,
                    first_seen_at=row.first_at,
                    last_seen_at=row.last_at,
                )
            )
        return found

    async def _days(self, uow: UnitOfWork, name: str) -> tuple[DayVolume, ...]:
        today, since = await self._days_since(uow)
        zone = (await self._tenants.get_brand(uow)).time_zone
        rows = await uow.execute(
            "SELECT CAST(timezone(:zone, hour) AS date) AS day, CAST(sum(events) AS bigint) AS events "
            "FROM event_hour WHERE tenant_id = :tenant AND name = :name AND hour >= :since GROUP BY 1",
            {"tenant": uow.tenant_id, "name": name, "since": since, "zone": zone},
        )
        counts: dict[date, int] = {row.day: row.events for row in rows}
        last = today.astimezone(ZoneInfo(zone)).date()
        days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
        return tuple(DayVolume(day=day, events=counts.get(day, 0)) for day in days)

    async def _days_since(self, uow: UnitOfWork) -> tuple[datetime, datetime]:
        """Return when the brand's today began, and the first of its last thirty days."""
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        day = uow.clock.now().astimezone(zone).date()
        first = day - timedelta(days=DAYS - 1)
        return datetime.combine(day, time(), zone), datetime.combine(first, time(), zone)

    async def _latest(self, tenant_id: TenantId, name: str) -> list[tuple[Any, ...]]:
        gate = self._warehouse.for_tenant(tenant_id)
        # Positions alone first: whole events are read of the latest only.
        places = await gate.query(
            "SELECT position FROM events WHERE tenant_id = {tenant:UInt32} AND name = {name:String} "
            "ORDER BY position DESC LIMIT {most:UInt32}",
            {"name": name, "most": LOOKED_AT},
            limits=_LIMITS,
        )
        if not places:
            return []
        return await gate.query(
            _LATEST,
            {"name": name, "from": places[-1][0], "most": LOOKED_AT, "bytes": _SAMPLE_BYTES_MAX},
            limits=_LIMITS,
        )


_CANONICAL: Final = "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person))"
_LATEST: Final = f"""
SELECT toJSONString(properties) AS held, source, occurred_at, received_at, {_CANONICAL}
FROM events PREWHERE position >= {{from:UInt64}}
WHERE tenant_id = {{tenant:UInt32}} AND name = {{name:String}} AND length(held) <= {{bytes:UInt32}}
ORDER BY position DESC LIMIT {{most:UInt32}}
"""  # noqa: S608 - put together from constants only.
_VOLUMES: Final = """
SELECT s.name, s.source, s.kind, s.events, s.first_at, s.last_at,
    CAST(coalesce(sum(h.events) FILTER (WHERE h.hour >= :today), 0) AS bigint) AS today,
    CAST(coalesce(sum(h.events), 0) AS bigint) AS days_30
FROM event_seen s
LEFT JOIN event_hour h ON h.tenant_id = s.tenant_id AND h.source = s.source AND h.name = s.name
    AND h.hour >= :since
WHERE s.tenant_id = :tenant AND (s.name = :name OR CAST(:name AS text) IS NULL)
GROUP BY s.name, s.source, s.kind, s.events, s.first_at, s.last_at
ORDER BY s.name, s.source
"""


def _event(name: str, kind: str, sources: Sequence[SourceVolume]) -> EventSeen:
    return EventSeen(
        name=name,
        kind=kind,
        events=sum(one.events for one in sources),
        today=sum(one.today for one in sources),
        days_30=sum(one.days_30 for one in sources),
        first_seen_at=min(one.first_seen_at for one in sources),
        last_seen_at=max(one.last_seen_at for one in sources),
        sources=tuple(sorted(sources, key=lambda one: (-one.days_30, one.source))),
    )


def _sample(row: tuple[Any, ...], properties: dict[str, Any], may_show: MayShow) -> EventSample:
    return EventSample(
        source=row[1],
        occurred_at=row[2],
        received_at=row[3],
        person_id=encode_id("per", row[4]) if row[4] else None,
        properties=redacted(properties, may_show),
    )
