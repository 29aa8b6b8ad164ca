"""How long a funnel and a retention table take, against hand-written ClickHouse SQL for the same figures.

The brand is that of ``bench.segments``: PEOPLE people with 50 events each over a year, generated inside the
warehouse. Measured in turns, medians compared:

- *funnel*: looked, put into the cart, ordered, in that order within 7 days, begun within 30 days; against
  ``windowFunnel`` as somebody who knows ClickHouse writes it;
- *retention*: in which of the 8 weeks after their first look ever people ordered, by week of a year; against
  one scan with arrays.

Both answers are compared, figure by figure. Run: ``python -m bench.behaviour [PEOPLE]`` (1,000,000 is the
size of the aims in seconds; the ratio is aimed at in every size). Prints two JSON lines.
"""

import asyncio
import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.segments import EVENTS_EACH, NOW, TENANT, generate, timed
from bench.support import Aim, Result, report
from quanyu.app.migrate import migrate_warehouse
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.insight.behaviour.funnel import FunnelCompiler
from quanyu.modules.insight.behaviour.language import Analysis, Funnel, Retention
from quanyu.modules.insight.behaviour.periods import Days, days_of, epoch_ms
from quanyu.modules.insight.behaviour.retention import EVERYBODY, RetentionCompiler, unit_number
from quanyu.modules.insight.behaviour.sources import Asked

ROUNDS = 5
RATIO_MAX = 1.2
ZONE = ZoneInfo("Asia/Shanghai")
WEEKS = 8
FUNNEL = Funnel.model_validate(
    {
        "period": {"kind": "last_days", "days": 30},
        "steps": [{"name": "Product Viewed"}, {"name": "Product Added"}, {"name": "Order Completed"}],
    }
)
RETENTION = Retention.model_validate(
    {
        "period": {"kind": "last_days", "days": 364},
        "first": {"name": "Product Viewed"},
        "back": {"name": "Order Completed"},
        "unit": "week",
        "periods": WEEKS,
    }
)
_WHO = "dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)"
_AT = "toUnixTimestamp64Milli(occurred_at)"
_FROM = "fromUnixTimestamp64Milli({start:Int64}, 'UTC')"
_UNTIL = "fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
FUNNEL_BY_HAND = f"""
SELECT depth, count() FROM
(
    SELECT {_WHO} AS who, windowFunnel({{window:UInt64}}, 'strict_once')(toUInt64({_AT}),
        name = 'Product Viewed' AND {_AT} < {{end:Int64}}, name = 'Product Added', name = 'Order Completed')
        AS depth
    FROM events
    WHERE tenant_id = {{tenant:UInt32}} AND name IN ('Product Viewed', 'Product Added', 'Order Completed')
        AND person != 0 AND occurred_at >= {_FROM} AND occurred_at < {_UNTIL}
    GROUP BY who
)
WHERE depth > 0 GROUP BY depth
"""
_WEEK = "toInt32(toRelativeWeekNum(toDate(occurred_at, 'Asia/Shanghai')))"
RETENTION_BY_HAND = f"""
SELECT cohort, arrayJoin(arrayPushFront(arrayFilter(n -> n <= {{weeks:Int32}}, arrayDistinct(arrayMap(
    x -> x.2 - cohort, arrayFilter(x -> x.1 >= entry.1, orders)))), -1)) AS n, count()
FROM
(
    SELECT {_WHO} AS who, minIf(({_AT}, {_WEEK}), name = 'Product Viewed') AS entry, entry.2 AS cohort,
        groupArrayIf(({_AT}, {_WEEK}), name = 'Order Completed' AND occurred_at >= {_FROM}) AS orders,
        countIf(name = 'Product Viewed') AS looks
    FROM events
    WHERE tenant_id = {{tenant:UInt32}} AND name IN ('Product Viewed', 'Order Completed') AND person != 0
        AND occurred_at < {_UNTIL}
    GROUP BY who HAVING looks > 0 AND entry.1 >= {{start:Int64}}
)
GROUP BY cohort, n
"""

Rows = list[tuple[Any, ...]]


def days(query: Analysis) -> Days:
    return days_of(query.period, as_of=NOW, zone=ZONE)


async def race(warehouse: Warehouse, ours: Asked, by_hand: str, bound: dict[str, Any]) -> tuple[Any, ...]:
    """Ask both in turns; return the medians and the last answers."""
    gate = warehouse.for_tenant(TENANT)
    spent: tuple[list[float], list[float]] = ([], [])
    answers: list[Rows] = [[], []]
    asked = ((ours.sql, ours.parameters), (by_hand, bound))
    for _ in range(ROUNDS):
        for side, (sql, parameters) in enumerate(asked):
            took, answers[side] = await timed(lambda sql=sql, bound=parameters: gate.query(sql, bound))
            spent[side].append(took)
    return statistics.median(spent[0]), statistics.median(spent[1]), *answers


async def measure_funnel(warehouse: Warehouse, people: int) -> Result:
    """Compare a funnel of three steps."""
    asked = days(FUNNEL)
    week = timedelta(days=7)
    until = min(asked.span.ends() + week, asked.as_of + timedelta(milliseconds=1))
    bound = {
        "start": asked.span.start_ms,
        "end": asked.span.end_ms,
        "until": epoch_ms(until),
        "window": week // timedelta(milliseconds=1),
    }
    ours, theirs, found, by_hand = await race(
        warehouse, FunnelCompiler(FUNNEL, asked).figures(), FUNNEL_BY_HAND, bound
    )
    depths = {depth: count for _, depth, count in found}
    assert depths, "nobody is in the funnel"
    assert depths == dict(by_hand), (depths, by_hand)
    return _result("funnel of three steps", ours, theirs, people, {"depths": depths})


async def measure_retention(warehouse: Warehouse, people: int) -> Result:
    """Compare a table of weeks; weeks are numbered from the first of either answer."""
    asked = days(RETENTION)
    bound = {"start": asked.span.start_ms, "until": asked.span.end_ms, "weeks": WEEKS}
    ours, theirs, found, by_hand = await race(
        warehouse, RetentionCompiler(RETENTION, asked).figures(), RETENTION_BY_HAND, bound
    )
    shift = unit_number(asked.first, RETENTION.unit) - min(cohort for cohort, *_ in by_hand)
    assert EVERYBODY == -1  # As the hand-written query numbers the size of a cohort.
    table = {(cohort, n): count for cohort, n, count in found}
    hand = {(cohort + shift, n): count for cohort, n, count in by_hand}
    assert table, "nobody is in the table"
    assert table == hand, (sorted(table.items())[:9], sorted(hand.items())[:9])
    return _result("retention by week of the first look", ours, theirs, people, {"cells": len(table)})


def _result(name: str, ours: float, theirs: float, people: int, details: dict[str, Any]) -> Result:
    return Result(
        name=name,
        figure=round(ours, 3),
        unit="s",
        yardstick=round(theirs, 3),
        yardstick_name="hand-written ClickHouse SQL",
        measured_ratio=ours / theirs,
        aim=Aim(ratio_max=RATIO_MAX),
        details={**details, "people": people, "events": people * EVENTS_EACH},
    )


async def compare(directory: Path, people: int) -> None:
    warehouse = Warehouse.at(f"chdb://{directory / 'warehouse'}")
    await migrate_warehouse(warehouse)
    await generate(warehouse, people)
    for measure in (measure_funnel, measure_retention):
        report(await measure(warehouse, people))
    await warehouse.close()


def main(people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-", ignore_cleanup_errors=True) as text:
        asyncio.run(compare(Path(text), people))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
