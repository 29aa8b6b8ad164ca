"""Who asks for events, and how far back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from quanyu.flows.event_uses import KEPT_FOR_GOOD, conditions_asked, question_asked
from quanyu.modules.insight.dashboards.contracts import BoardFilters, Card
from quanyu.modules.insight.metrics.builtin import BUILTIN
from quanyu.modules.segments.tree import parse_definition

NOW = datetime(2026, 4, 4, 12, tzinfo=UTC)
FACTS = {"name": "Viewed"}


@pytest.mark.parametrize(
    ("condition", "days"),
    [
        ({"kind": "event"}, None),
        ({"kind": "event", "window": {"kind": "rolling", "amount": 36, "unit": "hours"}}, 2),
        ({"kind": "event", "window": {"kind": "calendar", "period": "last_days", "n": 9}}, 9),
        ({"kind": "event", "window": {"kind": "absolute", "from": "2026-04-01T00:00:00Z"}}, 4),
        ({"kind": "event", "window": {"kind": "absolute", "to": "2026-04-01T00:00:00Z"}}, None),
        ({"kind": "regular", "period": "week", "of": 4, "at_least": 2}, 28),
        (
            {
                "kind": "stopped",
                "earlier": {"amount": 60, "unit": "days"},
                "recent": {"amount": 30, "unit": "days"},
            },
            60,
        ),
        (
            {
                "kind": "restarted",
                "earlier": {"amount": 60, "unit": "days"},
                "recent": {"amount": 30, "unit": "days"},
            },
            None,
        ),
    ],
)
def test_a_condition_asks_as_far_back_as_its_window(condition: dict[str, Any], days: int | None) -> None:
    definition = parse_definition({"kind": "all", "of": [{**FACTS, **condition}]})
    assert list(conditions_asked(definition, NOW)) == [("Viewed", days)]


def test_who_left_a_segment_is_read_as_far_back_as_asked() -> None:
    month = {"kind": "rolling", "amount": 30, "unit": "days"}
    left = parse_definition({"kind": "segment_move", "segment": "seg_1", "move": "left", "window": month})
    assert list(conditions_asked(left, NOW)) == [("segments.left", 30)]


def test_ties_and_consent_are_read_without_a_window() -> None:
    tied = parse_definition({"kind": "relation", "to": "account"})
    assert {name for name, _ in conditions_asked(tied, NOW)} <= KEPT_FOR_GOOD
    assert "people.consent_withdrawn" in KEPT_FOR_GOOD


def card(kind: str, question: dict[str, Any]) -> Any:
    return Card.model_validate({"id": "a", "shows": {"kind": kind, "question": question}}).shows


def test_a_card_asks_for_the_days_it_shows_and_those_it_compares_with() -> None:
    month = {"period": {"kind": "last_days", "days": 30}}
    trend = card("trend", {"event": FACTS, **month})
    assert list(question_asked(trend, {}, NOW)) == [("Viewed", 30)]
    assert list(question_asked(trend, {}, NOW, BoardFilters())) == [("Viewed", 60)]
    first_ever = card("retention", {"first": FACTS, "back": FACTS, **month})
    assert list(question_asked(first_ever, {}, NOW)) == [("Viewed", None)]
    funnel = card("funnel", {"steps": [FACTS, {"name": ["Paid", "Shared"]}], **month})
    assert sorted(question_asked(funnel, {}, NOW)) == [("Paid", 30), ("Shared", 30), ("Viewed", 30)]


def test_a_metric_asks_for_the_events_of_its_formula() -> None:
    formulas = {key: draft.formula for key, draft in BUILTIN.items()}
    orders = card("metric", {"metric": "orders", "period": {"kind": "last_days", "days": 7}})
    assert {days for _, days in question_asked(orders, formulas, NOW)} == {7}
    assert any(name == "Order Completed" for name, _ in question_asked(orders, formulas, NOW))
