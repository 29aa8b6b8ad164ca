"""What a code brought, counted in history: a rebuild gives the same figures (CW-14)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.wecom.translation import STAFF_DELETED_BY_CUSTOMER
from quanyu.modules.staff.codes.contracts import LiveCodeDay, LiveCodeFigures
from quanyu.modules.staff.codes.facts import ADDED_BY_CODE

_DAY_MS: Final = 86_400_000
_WHO: Final = "dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)"
_OURS: Final = f"""
    tenant_id = {{tenant:UInt32}} AND name = '{ADDED_BY_CODE}' AND properties.code.:String = {{code:String}}
    AND occurred_at >= fromUnixTimestamp64Milli({{from_ms:Int64}}, 'UTC')
    AND occurred_at < fromUnixTimestamp64Milli({{to_ms:Int64}}, 'UTC')
"""
_BY_DAY: Final = f"""
SELECT toDate(occurred_at, {{zone:String}}) AS day, count(), countIf(properties.is_new.:Bool)
FROM events WHERE {_OURS} GROUP BY day ORDER BY day
"""  # noqa: S608
# One row per person who came by the code: their first time in the period, with whom, and what came of it.
_AFTER: Final = f"""
SELECT count(), countIf(is_new), countIf(is_lost AND left_ms <= {_DAY_MS}),
    countIf(is_lost AND left_ms <= 7 * {_DAY_MS}), countIf(is_lost AND left_ms <= 30 * {_DAY_MS}),
    countIf(orders > 0), ifNull(sum(paid), 0)
FROM (
    SELECT f.who AS who, any(f.is_new) AS is_new,
        countIf(e.name = '{STAFF_DELETED_BY_CUSTOMER}' AND e.staff = f.staff AND e.app = f.app
            AND e.at >= f.at) > 0 AS is_lost,
        minIf(toUnixTimestamp64Milli(e.at) - toUnixTimestamp64Milli(f.at),
            e.name = '{STAFF_DELETED_BY_CUSTOMER}' AND e.staff = f.staff AND e.app = f.app
            AND e.at >= f.at) AS left_ms,
        countIf(e.name = 'Order Completed' AND e.at >= f.at AND e.at < f.at + INTERVAL 30 DAY) AS orders,
        sumIf(e.paid, e.name LIKE 'Order %' AND e.at >= f.at AND e.at < f.at + INTERVAL 30 DAY) AS paid
    FROM (
        SELECT {_WHO} AS who, min(occurred_at) AS at, argMin(staff, occurred_at) AS staff,
            argMin(app, occurred_at) AS app, argMin(properties.is_new.:Bool, occurred_at) AS is_new
        FROM events WHERE person != 0 AND {_OURS} GROUP BY who
    ) AS f
    INNER JOIN (
        SELECT {_WHO} AS who, name, occurred_at AS at, staff, app, revenue AS paid FROM events
        WHERE tenant_id = {{tenant:UInt32}} AND person != 0 AND (
            name IN ('{STAFF_DELETED_BY_CUSTOMER}', '{ADDED_BY_CODE}')
            OR (name IN ('Order Completed', 'Order Refunded') AND currency = {{currency:String}})
        )
    ) AS e ON e.who = f.who
    GROUP BY f.who
)
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePeriod:
    """Which code, from when to when, counted in which zone and currency."""

    code: str
    start: datetime
    end: datetime  # Not included.
    zone: str
    currency: str


class LiveCodeStatistics:
    """Counts in the warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    async def of_code(self, tenant_id: TenantId, period: CodePeriod, *, over_cap: int) -> LiveCodeFigures:
        """Return what a code brought.

        Raises:
            WarehouseUnavailable: history is away.
        """
        params: dict[str, Any] = {
            "code": period.code,
            "zone": period.zone,
            "currency": period.currency,
            "from_ms": _ms(period.start),
            "to_ms": _ms(period.end),
        }
        history = self._warehouse.for_tenant(tenant_id)
        days = [
            LiveCodeDay(date=day, adds=adds, new_customers=new)
            for day, adds, new in await history.query(_BY_DAY, params)
        ]
        ((people, new, day, week, month, payers, gmv),) = await history.query(_AFTER, params)
        return LiveCodeFigures(
            days=tuple(days),
            adds=sum(one.adds for one in days),
            people=people,
            new_customers=new,
            existing_customers=people - new,
            lost_24h=day,
            lost_7d=week,
            lost_30d=month,
            payers=payers,
            gmv=Decimal(gmv),
            currency=period.currency,
            over_cap=over_cap,
        )


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
