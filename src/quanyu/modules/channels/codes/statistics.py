"""What codes brought, counted in history: a rebuild gives the same figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.codes.contracts import CodeDay, CodeStatistics

_log = get_logger("channels.codes")
_DAY_MS: Final = 86_400_000
_WHO: Final = "dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)"
_FOLLOWED: Final = "'wechat.official_account.followed'"
_SCANS: Final = f"name IN ({_FOLLOWED}, 'wechat.official_account.scanned') AND app = {{app:String}}"
_PERIOD: Final = """
    occurred_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
"""
_OF_ALL: Final = f"""
SELECT source_code, count(), countIf(name = {_FOLLOWED}) FROM events
WHERE tenant_id = {{tenant:UInt32}} AND {_SCANS} AND source_code != '' AND {_PERIOD}
GROUP BY source_code
"""  # noqa: S608
_BY_DAY: Final = f"""
SELECT toDate(occurred_at, {{zone:String}}) AS day, count(), countIf(name = {_FOLLOWED}),
    uniqExactIf({_WHO}, person != 0)
FROM events
WHERE tenant_id = {{tenant:UInt32}} AND {_SCANS} AND source_code = {{scene:String}} AND {_PERIOD}
GROUP BY day ORDER BY day
"""  # noqa: S608
# One row per person who followed by the code: their first time in the period, and what came of it.
_AFTER: Final = f"""
SELECT count(), countIf(earlier = 0), countIf(is_lost AND left_ms <= {_DAY_MS}),
    countIf(is_lost AND left_ms <= 7 * {_DAY_MS}), countIf(is_lost AND left_ms <= 30 * {_DAY_MS}),
    countIf(orders > 0), ifNull(sum(paid), 0)
FROM (
    SELECT f.who AS who,
        countIf(e.name = {_FOLLOWED} AND e.at < f.at) AS earlier,
        countIf(e.name = 'wechat.official_account.unfollowed' AND e.at >= f.at) > 0 AS is_lost,
        minIf(toUnixTimestamp64Milli(e.at) - toUnixTimestamp64Milli(f.at),
            e.name = 'wechat.official_account.unfollowed' AND e.at >= f.at) AS left_ms,
        countIf(e.name = 'Order Completed' AND e.at >= f.at AND e.at < f.at + INTERVAL 30 DAY) AS orders,
        sumIf(e.paid, e.name LIKE 'Order %' AND e.at >= f.at AND e.at < f.at + INTERVAL 30 DAY) AS paid
    FROM (
        SELECT {_WHO} AS who, min(occurred_at) AS at FROM events
        WHERE tenant_id = {{tenant:UInt32}} AND name = {_FOLLOWED} AND app = {{app:String}}
            AND source_code = {{scene:String}} AND person != 0 AND {_PERIOD}
        GROUP BY who
    ) AS f
    INNER JOIN (
        SELECT {_WHO} AS who, name, occurred_at AS at, revenue AS paid FROM events
        WHERE tenant_id = {{tenant:UInt32}} AND person != 0 AND (
            (name IN ({_FOLLOWED}, 'wechat.official_account.unfollowed') AND app = {{app:String}})
            OR (name IN ('Order Completed', 'Order Refunded') AND currency = {{currency:String}})
        )
    ) AS e ON e.who = f.who
    GROUP BY f.who
)
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePeriod:
    """Which code of which account, from when to when, counted in which zone and currency."""

    app_id: str
    scene: str
    start: datetime
    end: datetime  # Not included.
    zone: str
    currency: str


class CodeFigures:
    """Counts in the warehouse."""

    def __init__(self, warehouse: Warehouse, clock: Clock) -> None:
        self._warehouse = warehouse
        self._clock = clock

    async def last_30_days(self, tenant_id: TenantId, app_id: str) -> Mapping[str, tuple[int, int]]:
        """Return scans and follows of every scene; empty while history is away."""
        now_ms = _ms(self._clock.now())
        period = {"from_ms": now_ms - 30 * _DAY_MS, "to_ms": now_ms + 1}
        try:
            rows = await self._warehouse.for_tenant(tenant_id).query(_OF_ALL, {"app": app_id, **period})
        except WarehouseUnavailable as error:
            _log.warning("channels.code_figures_away", error=str(error))
            return {}
        return {scene: (scans, follows) for scene, scans, follows in rows}

    async def of_code(self, tenant_id: TenantId, period: CodePeriod) -> CodeStatistics:
        """Return what a code brought.

        Raises:
            WarehouseUnavailable: history is away.
        """
        params: dict[str, Any] = {
            "app": period.app_id,
            "scene": period.scene,
            "zone": period.zone,
            "currency": period.currency,
            "from_ms": _ms(period.start),
            "to_ms": _ms(period.end),
        }
        history = self._warehouse.for_tenant(tenant_id)
        days = [
            CodeDay(date=day, scans=scans, follows=follows, people=people)
            for day, scans, follows, people in await history.query(_BY_DAY, params)
        ]
        ((people, new, day, week, month, payers, revenue),) = await history.query(_AFTER, params)
        return CodeStatistics(
            days=tuple(days),
            scans=sum(one.scans for one in days),
            follows=sum(one.follows for one in days),
            people=people,
            new_people=new,
            lost_24h=day,
            lost_7d=week,
            lost_30d=month,
            payers=payers,
            revenue=Decimal(revenue),
            currency=period.currency,
        )


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
