"""What is read of people's events: no column, name or year that a definition cannot look at."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.segments.insights.reading import Reading, reading_of, whole_reading
from quanyu.modules.segments.tree import parse_definition

SINCE = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
LAST_WEEK = {"kind": "rolling", "amount": 7, "unit": "days"}
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def event(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "event", "name": name, "count": {"op": "gte", "value": 1}, **more}


def read(*nodes: dict[str, Any]) -> Reading:
    definition = parse_definition({"kind": "all", "of": list(nodes)})
    return reading_of(definition, since=SINCE, zone=ZoneInfo("Asia/Shanghai"))


def first(reading: Reading) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=reading.first_ms)


def test_only_the_names_and_the_span_asked_about() -> None:
    reading = read(event("A", window=LAST_WEEK), event("B", window={**LAST_WEEK, "amount": 30}))
    assert reading.names == ("A", "B")
    assert first(reading) == SINCE - timedelta(days=30)


@pytest.mark.parametrize(
    "unbounded",
    [
        event("B"),
        {"kind": "relation", "to": "group", "since": LAST_WEEK},
        event("B", window=LAST_WEEK, each="items"),
    ],
)
def test_what_may_lie_further_back_is_read_from_the_beginning(unbounded: dict[str, Any]) -> None:
    assert first(read(event("A", window=LAST_WEEK), unbounded)) == BEGINNING


def test_columns_that_no_condition_reads_are_constants() -> None:
    plain = read(event("A")).columns
    assert plain.startswith("name, occurred_at, position, '{}', revenue, quantity, ''")
    assert "items" not in plain

    where = {"field": "properties.size", "op": "eq", "value": "M"}
    by_store = {"field": "context.store", "op": "eq", "value": "s1"}
    asking = read(event("A", where=[where, by_store]), event("B", each="items")).columns
    assert {"toJSONString(properties)", "store", "`items.price`"} <= set(asking.split(", "))
    assert "campaign" not in asking.split(", ")


def test_ties_are_read_whole() -> None:
    columns = read({"kind": "relation", "to": "account"}).columns.split(", ")
    assert {"toJSONString(properties)", "app", "group_id"} <= set(columns)


def test_every_reading_has_the_same_columns_in_the_same_places() -> None:
    definition = parse_definition(event("A"))
    assert len(whole_reading(definition).columns.split(", ")) == len(read(event("A")).columns.split(", "))
