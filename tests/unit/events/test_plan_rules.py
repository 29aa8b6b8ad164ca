"""What is as planned and what is not, property by property."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from quanyu.modules.events.observed.inference import infer
from quanyu.modules.events.plan.contracts import EventPlan, PlanMode, PropertyRule, SavePlan, SourceRule
from quanyu.modules.events.plan.rules import Book, check, draft


def problems(rule: dict[str, Any], properties: dict[str, Any]) -> list[tuple[str, str]]:
    plan = SavePlan(mode=PlanMode.WARN, properties=(PropertyRule(**rule),))
    return [(one.problem.value, one.shown) for one in check(plan, properties)]


@pytest.mark.parametrize(
    ("rule", "properties", "expected"),
    [
        ({"required": True}, {}, [("missing", "")]),
        ({"required": True}, {"k": None}, [("missing", "")]),
        ({"required": True}, {"k": ""}, []),
        ({"type": "number"}, {"k": "12"}, [("wrong_type", "12")]),
        ({"type": "number"}, {"k": True}, [("wrong_type", "true")]),
        ({"type": "integer"}, {"k": 12.0}, []),
        ({"type": "integer"}, {"k": 12.5}, [("wrong_type", "12.5")]),
        ({"type": "text"}, {"k": {"deep": 1}}, [("wrong_type", "")]),
        ({"type": "list", "max_length": 1}, {"k": [1, 2]}, [("too_long", "")]),
        ({"choices": ["红", "1"]}, {"k": 1}, []),
        ({"choices": ["红"]}, {"k": ["红", "绿"]}, [("not_a_choice", "")]),
        ({"pattern": "^tea-[0-9]+$"}, {"k": "tea-1"}, []),
        ({"pattern": "^tea-[0-9]+$"}, {"k": "tea"}, [("pattern", "tea")]),
        ({"max_length": 3}, {"k": "四个汉字"}, [("too_long", "四个汉字")]),
        ({"type": "text", "max_length": 3}, {}, []),
    ],
)
def test_one_rule(rule: dict[str, Any], properties: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert problems({"key": "k", **rule}, properties) == expected


def test_dots_reach_into_objects_and_stand_in_keys() -> None:
    rule = {"key": "shop.city", "required": True, "type": "text"}
    assert problems(rule, {"shop": {"city": "杭州"}}) == problems(rule, {"shop.city": "杭州"}) == []
    assert problems(rule, {"shop": "杭州"}) == [("missing", "")]


def test_no_text_makes_a_pattern_slow() -> None:
    began_s = time.perf_counter()
    assert problems({"key": "k", "pattern": "^(a+)+$"}, {"k": "a" * 50_000 + "!"}) != []
    assert time.perf_counter() - began_s < 5  # With backtracking: longer than the world lasts.


@pytest.mark.parametrize("pattern", ["(", "(?=look)", r"(a)\1", "a{1000}{1000}{1000}"])
def test_what_cannot_be_searched_for_is_refused_when_it_is_saved(pattern: str) -> None:
    with pytest.raises(ValidationError, match="regular expression"):
        PropertyRule(key="k", pattern=pattern)


def test_one_rule_a_key() -> None:
    with pytest.raises(ValidationError, match="more than one rule"):
        SavePlan(mode=PlanMode.OFF, properties=(PropertyRule(key="k"), PropertyRule(key="k", required=True)))


def test_a_text_of_few_values_becomes_a_choice_when_many_events_have_it() -> None:
    events = [
        {"color": "红" if number % 2 else "绿", "id_no": f"n{number}", "price": 1} for number in range(60)
    ]
    rules = {rule.key: rule for rule in draft(infer(events, lambda key, value: True), 60).properties}

    assert set(rules["color"].choices) == {"红", "绿"}
    assert (rules["id_no"].choices, rules["price"].choices) == ((), ())
    assert all(rule.required for rule in rules.values())


def test_who_judges_what() -> None:
    required = (PropertyRule(key="k", required=True),)
    at = datetime(2026, 3, 4, tzinfo=UTC)
    book = Book(
        [
            EventPlan(name="Planned", mode=PlanMode.REJECT, properties=required, updated_at=at),
            EventPlan(name="Sleeping", mode=PlanMode.OFF, properties=required, updated_at=at),
        ],
        [SourceRule(source="web", unknown=PlanMode.QUARANTINE)],
    )

    def judged(source: str, kind: str, name: str) -> tuple[str, list[str]]:
        mode, found = book.judge(source=source, kind=kind, name=name, properties={})
        return mode.value, [one.problem.value for one in found]

    assert judged("web", "track", "Planned") == ("reject", ["missing"])
    assert judged("web", "track", "Sleeping") == ("off", [])
    assert judged("web", "track", "Made Up") == ("quarantine", ["unknown_event"])
    assert judged("web", "page", "Page Viewed") == ("off", [])
    assert judged("pos", "track", "Made Up") == ("off", [])
    assert not book.is_empty
    assert Book([], [SourceRule(source="web", unknown=PlanMode.OFF)]).is_empty
