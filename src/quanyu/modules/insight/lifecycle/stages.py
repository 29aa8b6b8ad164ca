"""Stages as SQL: one row per person with their stage as of the end of a local day, from their own acts alone.

A stage depends on the days somebody acted and on the orders up to that day: neither on when it is asked nor
on what was said before. A late act therefore changes what is said of its day and later, by itself.
"""

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.modules.insight.lifecycle.contracts import LifecycleSettings, Stage
from quanyu.modules.insight.lifetime.limits import EPOCH
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.studies import acts

_NEVER: Final = -1_000_000  # A day before all days.


def day_number(day: date) -> int:
    """Return a day as whole days from 1970."""
    return (day - EPOCH).days


def local_day(instant: datetime, zone: str) -> date:
    """Return the local day of an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def parameters(settings: LifecycleSettings, *, as_of: datetime, zone: str, **days: int) -> dict[str, Any]:
    """Bind definitions, the instant after which nothing counts, and the days asked for."""
    return {**settings.model_dump(), "as_of_ms": epoch_ms(as_of), "zone": zone, **days}


def stages_sql(day: str) -> str:
    """Return a query for (who, first, last, orders, lately, returned, stage) as of the end of ``{day}``.

    Silence is the number of days since the last day with an act. Whoever acts after more than ``lost_days``
    was lost the day before, and has returned.
    """
    until = f"{{{day}:Int32}}"
    return f"""
        SELECT who, days[1] AS first, days[-1] AS last, orders, lately,
            arrayMax(arrayMap((day, gap) -> if(gap > {{lost_days:Int32}}, day, {_NEVER}),
                days, arrayDifference(days))) AS returned,
            multiIf(
                {until} - last >= {{lost_days:Int32}}, '{Stage.LOST}',
                {until} - last >= {{sleeping_days:Int32}}, '{Stage.SLEEPING}',
                {until} - returned < {{won_back_days:Int32}}, '{Stage.WON_BACK}',
                lately >= {{loyal_orders:Int32}}, '{Stage.LOYAL}',
                orders >= 2, '{Stage.REPEAT}',
                {until} - first < {{new_days:Int32}}, '{Stage.NEW}',
                '{Stage.ACTIVE}') AS stage
        FROM
        (
            SELECT {acts.WHO} AS who, arraySort(groupUniqArray({acts.DAY})) AS days,
                uniqExactIf({acts.ORDER_KEY}, {acts.IS_ORDER}) AS orders,
                uniqExactIf({acts.ORDER_KEY},
                    {acts.IS_ORDER} AND {acts.DAY} > {until} - {{loyal_days:Int32}}) AS lately
            FROM events WHERE {acts.ACTS} AND {acts.UP_TO} AND {acts.DAY} <= {until}
            GROUP BY who
        )
    """  # noqa: S608


def _flow_sql() -> str:
    return (
        f"(SELECT who, stage FROM ({stages_sql('to_day')})) AS now "  # noqa: S608
        f"LEFT JOIN (SELECT who, stage FROM ({stages_sql('from_day')})) AS earlier ON now.who = earlier.who"
    )


FLOW: Final = (
    "SELECT earlier.stage AS before, now.stage AS label, count() "  # noqa: S608
    f"FROM {_flow_sql()} GROUP BY before, label ORDER BY before, label"
)
FLOW_PEOPLE: Final = (
    f"SELECT groupBitmapState(now.who) FROM {_flow_sql()} "  # noqa: S608
    "WHERE earlier.stage = {before:String} AND now.stage = {label:String}"
)
