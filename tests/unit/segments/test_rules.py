"""What changes when a segment is evaluated, and when it is due."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from quanyu.kernel.ids import encode_id
from quanyu.modules.events.asking.filters import Filter
from quanyu.modules.segments.contracts import matches
from quanyu.modules.segments.rules import (
    Change,
    Difference,
    chunks,
    is_due,
    membership_fact,
    plan_changes,
)


def difference(**parts: Any) -> Difference:
    nothing: dict[str, Any] = {
        name: [] for name in ("added", "removed", "removed_canonical", "entered", "left")
    }
    return Difference(count=0, **(nothing | parts))


def test_coming_and_going() -> None:
    changes = plan_changes(
        difference(added=[1, 2], entered=[1, 2], removed=[3], removed_canonical=[3], left=[3])
    )
    assert changes == [
        Change(1, is_added=True, is_entered=True),
        Change(2, is_added=True, is_entered=True),
        Change(3, is_left=True, removed_rows=[3]),
    ]


def test_a_merge_is_one_change_and_no_news() -> None:
    # 5 and 6 are 4 now, who was no member before.
    changes = plan_changes(difference(added=[4], removed=[5, 6], removed_canonical=[4, 4]))
    assert changes == [Change(4, is_added=True, removed_rows=[5, 6])]


def test_a_merged_person_leaves_with_every_row() -> None:
    changes = plan_changes(difference(removed=[4, 5], removed_canonical=[4, 4], left=[4]))
    assert changes == [Change(4, is_left=True, removed_rows=[4, 5])]


def test_chunks_lose_nothing() -> None:
    changes = [Change(person) for person in range(5)]
    assert [len(part) for part in chunks(changes, 2)] == [2, 2, 1]
    assert [change for part in chunks(changes, 2) for change in part] == changes


def test_facts_name_what_they_state() -> None:
    at = datetime(2026, 3, 4, 4, 0, 0, 5_000, tzinfo=UTC)
    fact = membership_fact("segments.entered", segment_id=77, person=9, at=at)
    segment = encode_id("seg", 77)
    assert fact.message_id == f"segments.entered:{segment}:9:1772596800005"
    assert (fact.person_id, fact.occurred_at, fact.properties) == (9, at, {"segment_id": segment})


@pytest.mark.parametrize(
    ("age_s", "is_listened", "real_s", "pause_s", "due"),
    [
        (None, False, None, 0.0, True),  # Never evaluated.
        (None, False, 0.5, 0.0, False),  # Just failed.
        (59.9, False, 100.0, 0.0, False),
        (60.0, False, 100.0, 0.0, True),
        (1.0, True, 100.0, 0.0, True),
        (0.9, True, 100.0, 0.0, False),
        (3600.0, True, 0.9, 0.0, False),  # The business clock runs fast; real time bounds the cost.
        (3600.0, True, 7.9, 8.0, False),
        (3600.0, True, 8.0, 8.0, True),
    ],
)
def test_due(age_s: float | None, is_listened: bool, real_s: float | None, pause_s: float, due: bool) -> None:
    age = None if age_s is None else timedelta(seconds=age_s)
    assert is_due(age=age, is_listened=is_listened, real_s_since=real_s, pause_s=pause_s) is due


EVENT = SimpleNamespace(
    properties={"color": "red", "size": 5, "deep": {"k": True}},
    context={"channel": "official_account", "source_code": "qr"},
    revenue=Decimal("10.10"),
    quantity=None,
    order_id="o1",
    currency="",
    source="shop",
    kind="track",
    message_id="m1",
)


@pytest.mark.parametrize(
    ("field", "op", "value", "met"),
    [
        ("properties.color", "eq", "red", True),
        ("properties.color", "ne", "blue", True),
        ("properties.shade", "ne", "blue", False),
        ("properties.shade", "ne_or_missing", "blue", True),
        ("properties.size", "between", [5, 6], True),
        ("properties.size", "eq", "5", False),
        ("properties.deep.k", "eq", True, True),
        ("context.channel", "starts_with", "official", True),
        ("context.source", "eq", "qr", True),
        ("context.staff", "is_missing", None, True),
        ("revenue", "eq", 10.1, True),
        ("revenue", "gt", 10.1, False),
        ("quantity", "is_set", None, False),
        ("currency", "is_missing", None, True),
        ("order_id", "in", ["o1", "o2"], True),
        ("item.sku", "is_missing", None, True),
        ("item.sku", "eq", "s", False),
    ],
)
def test_filters_on_a_passing_event(field: str, op: str, value: Any, met: bool) -> None:
    test = Filter.model_validate({"field": field, "op": op, "value": value})
    assert matches([test], EVENT) is met
