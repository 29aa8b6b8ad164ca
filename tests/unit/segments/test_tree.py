"""Definitions are read strictly, and refused with the place and the reason."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.events.asking.readings import quote_path
from quanyu.modules.events.asking.windows import Ever
from quanyu.modules.segments.compiler import Evaluation, compile_definition
from quanyu.modules.segments.errors import InvalidDefinition
from quanyu.modules.segments.oracle import look_up
from quanyu.modules.segments.tree import (
    All,
    Event,
    conditions_of,
    definition_schema,
    dump_definition,
    parse_definition,
)

BOUGHT: dict[str, Any] = {"kind": "event", "name": "Order Completed"}
AT = Evaluation(datetime(2026, 3, 4, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))


def nested(depth: int) -> dict[str, Any]:
    tree = BOUGHT
    for _ in range(depth):
        tree = {"kind": "not", "of": tree}
    return tree


def test_a_definition_survives_writing_and_reading() -> None:
    raw = {
        "kind": "all",
        "of": [
            {"kind": "attribute", "key": "address.city", "op": "in", "value": ["杭州", 5, True, 1.5]},
            {"kind": "not", "of": {**BOUGHT, "window": {"kind": "absolute", "from": "2026-01-01T00:00:00Z"}}},
        ],
    }
    definition = parse_definition(raw)
    assert isinstance(definition, All)
    assert parse_definition(json.loads(json.dumps(dump_definition(definition)))) == definition


def test_defaults_are_at_least_once_ever() -> None:
    event = parse_definition(BOUGHT)
    assert isinstance(event, Event)
    assert (event.count.op, event.count.value, event.window, event.names) == (
        "gte",
        1,
        Ever(),
        ("Order Completed",),
    )


@pytest.mark.parametrize(
    ("raw", "where", "reason"),
    [
        (5, "definition", "valid dictionary"),
        ({}, "definition", "kind"),
        ({"kind": "astrology"}, "definition", "'astrology'"),
        ({"kind": "all"}, "all.of", "required"),
        ({**BOUGHT, "colour": 1}, "event.colour", "not permitted"),
        ({**BOUGHT, "name": []}, "event.name", "at least 1"),
        ({**BOUGHT, "count": {"op": "eq", "value": 1.5}}, "event.count", "whole number"),
        ({**BOUGHT, "count": {"op": "in", "value": 1}}, "event.count", "does not compare"),
        ({**BOUGHT, "where": [{"field": "colour", "op": "is_set"}]}, "event.where.0.field", "no field"),
        ({**BOUGHT, "where": [{"field": "item.price", "op": "is_set"}]}, "event", '"each": "items"'),
        ({**BOUGHT, "where": [{"field": "revenue", "op": "eq", "value": "1"}]}, "event.where.0", "numbers"),
        ({**BOUGHT, "where": [{"field": "currency", "op": "eq", "value": 1}]}, "event.where.0", "text"),
        (
            {**BOUGHT, "where": [{"field": "revenue", "op": "eq", "value": 1e-9}]},
            "event.where.0",
            "8 decimals",
        ),
        ({**BOUGHT, "window": {"kind": "rolling", "amount": 0, "unit": "days"}}, "event.window", "greater"),
        (
            {**BOUGHT, "window": {"kind": "rolling", "amount": 40_000, "unit": "days"}},
            "event.window",
            "100 years",
        ),
        ({**BOUGHT, "window": {"kind": "absolute"}}, "event.window", "from, to or both"),
        (
            {**BOUGHT, "window": {"kind": "absolute", "from": "2026-01-01T00:00:00"}},
            "event.window",
            "timezone",
        ),
        (
            {**BOUGHT, "window": {"kind": "absolute", "from": "2026-01-01T00:00:00.0001Z"}},
            "event.window",
            "millisecond",
        ),
        ({**BOUGHT, "window": {"kind": "calendar", "period": "last_days"}}, "event.window", "last_days"),
        ({**BOUGHT, "window": {"kind": "calendar", "period": "today", "n": 1}}, "event.window", "last_days"),
        ({"kind": "attribute", "key": "a..b", "op": "is_set"}, "attribute.key", "empty part"),
        ({"kind": "attribute", "key": "a\n", "op": "is_set"}, "attribute.key", "control"),
        ({"kind": "attribute", "key": "a", "op": "eq"}, "attribute", "one value"),
        ({"kind": "attribute", "key": "a", "op": "is_set", "value": 1}, "attribute", "no value"),
        ({"kind": "attribute", "key": "a", "op": "in", "value": []}, "attribute", "at least one"),
        ({"kind": "attribute", "key": "a", "op": "between", "value": [2, 1]}, "attribute", "smaller"),
        ({"kind": "attribute", "key": "a", "op": "between", "value": [1, "2"]}, "attribute", "two numbers"),
        ({"kind": "attribute", "key": "a", "op": "gt", "value": True}, "attribute", "number or a text"),
        ({"kind": "attribute", "key": "a", "op": "contains", "value": ""}, "attribute", "not empty"),
        ({"kind": "attribute", "key": "a", "op": "eq", "value": float("nan")}, "attribute.value", "finite"),
        ({"kind": "attribute", "key": "a", "op": "eq", "value": 2**63}, "attribute", "64 bits"),
        ({"kind": "attribute", "key": "a", "op": "eq", "value": "\x00"}, "attribute", "NUL"),
        (
            {
                **BOUGHT,
                "kind": "aggregate",
                "function": "sum",
                "of": {"kind": "field", "field": "currency"},
                "test": {"op": "gt", "value": 1},
            },
            "aggregate",
            "needs numbers",
        ),
        (
            {
                **BOUGHT,
                "kind": "aggregate",
                "function": "sum",
                "of": {"kind": "product", "of": ["revenue", "properties.x"]},
                "test": {"op": "gt", "value": 1},
            },
            "aggregate.of",
            "no amount",
        ),
        (
            {"kind": "segment", "segment": "seg_1", "since": {"kind": "at", "op": "at_most"}},
            "segment.since",
            "'at'",
        ),
        ({"kind": "segment_move", "segment": "lst_1", "move": "left"}, "segment_move.segment", "a segment"),
        ({"kind": "segment_move", "segment": "seg_1", "move": "stayed"}, "segment_move.move", "entered"),
        (nested(16), "definition", "levels deep"),
        ({"kind": "any", "of": [BOUGHT] * 200}, "definition", "at most 200"),
    ],
)
def test_what_is_wrong_is_said(raw: object, where: str, reason: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        parse_definition(raw)
    assert reason in caught.value.message
    assert caught.value.message.startswith(where) or where == "definition"
    assert caught.value.message_zh


def test_deep_nesting_costs_nothing() -> None:
    tree: dict[str, Any] = {}
    for _ in range(100_000):
        tree = {"kind": "not", "of": tree}
    with pytest.raises(InvalidDefinition):
        parse_definition(tree)


def test_fifteen_levels_are_allowed() -> None:
    assert len(list(conditions_of(parse_definition(nested(15))))) == 16


def test_the_schema_names_every_kind() -> None:
    schema = definition_schema()
    kinds = set(schema["discriminator"]["mapping"])
    assert kinds >= {
        *("all", "any", "not", "attribute", "tag", "event", "recency", "aggregate"),
        *("stopped", "restarted", "regular", "sequence", "bucket", "date", "segment", "segment_move"),
        *("relation", "consent"),
    }


def test_nothing_a_caller_wrote_is_sql() -> None:
    evil = "x') OR 1=1 --`\\"
    definition = parse_definition(
        {
            "kind": "all",
            "of": [
                {"kind": "attribute", "key": "city", "op": "contains", "value": evil},
                {
                    **BOUGHT,
                    "name": evil,
                    "where": [{"field": "properties.k", "op": "in", "value": [evil, evil]}],
                },
            ],
        }
    )
    compiled = compile_definition(definition, AT)
    assert "1=1" not in compiled.count_sql()
    assert evil in compiled.parameters.values()


def test_paths_are_quoted_part_by_part() -> None:
    assert quote_path("a.b`; DROP TABLE x.c\\") == "`a`.`b\\`; DROP TABLE x`.`c\\\\`"


def test_predicates_of_one_group_become_one_scan() -> None:
    city = {"kind": "attribute", "key": "city", "op": "is_set"}
    only_attributes = parse_definition({"kind": "all", "of": [city, {"kind": "not", "of": city}, city]})
    assert compile_definition(only_attributes, AT).count_sql().count("FROM profiles") == 1
    mixed = parse_definition({"kind": "any", "of": [city, BOUGHT, city]})
    sql = compile_definition(mixed, AT).count_sql()
    assert (sql.count("FROM profiles"), sql.count("FROM events")) == (2, 1)  # The other scan: who is alive.


@pytest.mark.parametrize(
    ("path", "value"),
    [("a", 1), ("b.c", 2), ("b.d", None), ("e.f", 3), ("b", None), ("g", None), ("h", [1])],
)
def test_values_are_looked_up_by_path(path: str, value: object) -> None:
    assert look_up({"a": 1, "b": {"c": 2}, "e.f": 3, "g": None, "h": [1]}, path) == value


def test_conditions_on_the_same_facts_share_a_scan() -> None:
    sums = {**BOUGHT, "kind": "aggregate", "function": "sum", "of": {"kind": "field", "field": "revenue"}}
    never = {**BOUGHT, "count": {"op": "eq", "value": 0}}
    tree = {
        "kind": "all",
        "of": [{**sums, "test": {"op": "gt", "value": 5}}, {**BOUGHT, "count": {"op": "gte", "value": 2}}],
    }
    sql = compile_definition(parse_definition(tree), AT).count_sql()
    assert sql.count("FROM events") == 1
    apart = {
        "kind": "any",
        "of": [
            tree,
            {**BOUGHT, "where": [{"field": "properties.x", "op": "eq", "value": True}]},
            {**BOUGHT, "where": [{"field": "properties.x", "op": "eq", "value": 1}]},
            never,
        ],
    }
    assert compile_definition(parse_definition(apart), AT).count_sql().count("FROM events") == 4
