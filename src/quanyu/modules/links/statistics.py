"""What links brought, counted in history: a rebuild gives the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.links.contracts import CLICKED, FETCHED, BotCount, BotReason, LinkDay, LinkStatistics

_log = get_logger("links.figures")
_DAY_MS: Final = 86_400_000
_WHO: Final = "dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)"
_LINK: Final = "properties.`link_id`.:`String`"
_PERIOD: Final = f"""
    tenant_id = {{tenant:UInt32}} AND name IN ('{CLICKED}', '{FETCHED}')
    AND occurred_at >= fromUnixTimestamp64Milli({{from_ms:Int64}}, 'UTC')
    AND occurred_at < fromUnixTimestamp64Milli({{to_ms:Int64}}, 'UTC')
"""
_SUMS: Final = f"""
    countIf(name = '{CLICKED}'), uniqExactIf({_WHO}, name = '{CLICKED}' AND person != 0),
    countIf(name = '{FETCHED}')
"""
_OF_SOME: Final = f"""
SELECT {_LINK} AS link, {_SUMS} FROM events
WHERE {_PERIOD} AND has({{links:Array(String)}}, {_LINK}) GROUP BY link
"""  # noqa: S608
_BY_DAY: Final = f"""
SELECT toDate(occurred_at, {{zone:String}}) AS day, {_SUMS} FROM events
WHERE {_PERIOD} AND {_LINK} = {{link:String}} GROUP BY day ORDER BY day
"""  # noqa: S608
_PEOPLE: Final = f"""
SELECT uniqExact({_WHO}) FROM events
WHERE {_PERIOD} AND name = '{CLICKED}' AND person != 0 AND {_LINK} = {{link:String}}
"""  # noqa: S608
_REASONS: Final = f"""
SELECT properties.`reason`.:`String` AS reason, count() AS n FROM events
WHERE {_PERIOD} AND name = '{FETCHED}' AND {_LINK} = {{link:String}} GROUP BY reason ORDER BY n DESC, reason
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Sums:
    """Clicks of people, people, and fetches that do not count."""

    clicks: int = 0
    people: int = 0
    bots: int = 0


class LinkFigures:
    """Counts in the warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    async def last_30_days(
        self, tenant_id: TenantId, links: Sequence[str], *, now: datetime
    ) -> Mapping[str, Sums] | None:
        """Return the sums of those links that have any; ``None`` while history is away."""
        asked: dict[str, Any] = {"links": list(links), **_period(now, 30)}
        try:
            rows = await self._warehouse.for_tenant(tenant_id).query(_OF_SOME, asked)
        except WarehouseUnavailable as error:
            _log.warning("links.figures_away", error=str(error))
            return None
        return {link: Sums(clicks, people, bots) for link, clicks, people, bots in rows}

    async def of_link(
        self, tenant_id: TenantId, link: str, *, now: datetime, days: int, zone: str
    ) -> LinkStatistics:
        """Return what came of a link, by day.

        Raises:
            WarehouseUnavailable: history is away.
        """
        asked: dict[str, Any] = {"link": link, **_period(now, days)}
        history = self._warehouse.for_tenant(tenant_id)
        by_day = [_day(*row) for row in await history.query(_BY_DAY, {**asked, "zone": zone})]
        ((people,),) = await history.query(_PEOPLE, asked)
        reasons = await history.query(_REASONS, asked)
        return LinkStatistics(
            days=tuple(by_day),
            clicks=sum(one.clicks for one in by_day),
            people=int(people),
            bots=sum(one.bots for one in by_day),
            bot_reasons=tuple(BotCount(reason=BotReason(reason), count=count) for reason, count in reasons),
        )


def _day(day: date, clicks: int, people: int, bots: int) -> LinkDay:
    return LinkDay(date=day, clicks=clicks, people=people, bots=bots)


def _period(now: datetime, days: int) -> dict[str, int]:
    now_ms = int(now.timestamp() * 1000)
    return {"from_ms": now_ms - days * _DAY_MS, "to_ms": now_ms + 1}
