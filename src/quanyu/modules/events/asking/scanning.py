"""How facts are read from history: whose they are, and the condition that keeps exactly these facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.modules.events.asking.facts import Each, Facts, ProductValue
from quanyu.modules.events.asking.fields import COLUMNS
from quanyu.modules.events.asking.readings import Parameters, comparison_sql, read_field
from quanyu.modules.events.asking.windows import Bounds, bounds_of, epoch_ms

CANONICAL: Final = (
    "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(events.person), events.person))"
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """When, and in which time zone, a definition is evaluated."""

    as_of: datetime
    zone: ZoneInfo


def facts_sql(node: Facts, at: Evaluation, parameters: Parameters) -> str:
    """Return WHERE: tenant, names, somebody's, time, filters."""
    conditions = [
        names_sql(node.names, parameters),
        "events.person != 0",
        *_time_sql(node, at, parameters),
        *(comparison_sql(read_field(test.field), test, parameters) for test in node.where),
    ]
    return " AND ".join(conditions)


def names_sql(names: tuple[str, ...], parameters: Parameters) -> str:
    """Return the condition that lets the warehouse skip every other brand and name."""
    if len(names) == 1:
        name_test = f"= {parameters.bind(names[0], 'String')}"
    else:
        name_test = f"IN {parameters.bind(list(names), 'Array(String)')}"
    return f"events.tenant_id = {{tenant:UInt32}} AND events.name {name_test}"


def instant_sql(ms: int, parameters: Parameters) -> str:
    """Return milliseconds since 1970 as an instant of the warehouse."""
    return f"fromUnixTimestamp64Milli({parameters.bind(ms, 'Int64')}, 'UTC')"


def product_sql(value: ProductValue) -> str:
    """Return the exact product of two amounts."""
    left, right = (f"CAST({COLUMNS[name].sql}, 'Nullable(Decimal(38, 4))')" for name in value.of)
    return f"({left} * {right})"


def _time_sql(node: Facts, at: Evaluation, parameters: Parameters) -> list[str]:
    bounds = bounds_of(node.window, as_of=at.as_of, zone=at.zone)
    if node.each is Each.EVENT:
        return within_sql("events.occurred_at", bounds, parameters)
    # The event itself must have happened; which line counts is decided by the line's own time.
    happened = f"events.occurred_at <= {instant_sql(epoch_ms(at.as_of), parameters)}"
    return [happened, *within_sql("items.occurred_at", bounds, parameters)]


def within_sql(column: str, bounds: Bounds, parameters: Parameters) -> list[str]:
    """Return the tests that keep an instant inside the bounds."""
    tests = [f"{column} <= {instant_sql(bounds.last_ms, parameters)}"]
    if bounds.first_ms is not None:
        tests.append(f"{column} >= {instant_sql(bounds.first_ms, parameters)}")
    return tests
