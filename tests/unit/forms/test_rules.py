"""Answers follow the form question by question; what was jumped over is dropped."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.forms import rules
from quanyu.modules.forms.definition import FormDefinition, FormRules
from quanyu.modules.forms.facts import traits_of
from quanyu.modules.forms.rules import FormState, Opening, Refused, accept
from support.forms import choice, chosen, form, jump, options, picks, ranked, ranking, text

# The page in the browser walks the same cases (web/src/h5/walk.test.ts).
CASES = json.loads((Path(__file__).parents[3] / "web/src/h5/walk-cases.json").read_text())
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_the_way_through_a_form(case: dict[str, Any]) -> None:
    definition = FormDefinition.model_validate(CASES["form"])

    assert list(accept(definition, case["answers"]).path) == case["path"]


BRANCHED = form(
    [choice("drinks", "yes", "no", required=True, jumps=[jump("q:why_not", chosen("drinks", "no"))])],
    [choice("kind", "green", "black", required=True, jumps=[jump("end")])],
    [text("why_not", required=True)],
)


def test_what_was_jumped_over_is_dropped_and_steers_nothing() -> None:
    found = accept(BRANCHED, {"drinks": picks("no"), "kind": picks("green"), "why_not": "苦"})

    assert found.answers == {"drinks": picks("no"), "why_not": "苦"}
    assert found.dropped == ("kind",)


@pytest.mark.parametrize(
    ("answers", "places"),
    [
        ({}, [("drinks", "required"), ("kind", "required")]),
        ({"drinks": picks("no")}, [("why_not", "required")]),
        ({"drinks": picks("maybe"), "kind": picks("green")}, [("drinks", "choice")]),
        ({"drinks": picks("yes"), "kind": picks("green"), "age": 3}, [("age", "unknown")]),
    ],
)
def test_what_does_not_follow_is_refused_with_its_place(
    answers: dict[str, Any], places: list[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as refusal:
        accept(BRANCHED, answers)

    assert [(one.place, one.code) for one in refusal.value.problems] == places


def test_scores_add_up_to_a_result() -> None:
    scored = options("a", "b", a={"score": 2}, b={"score": -1})
    quiz = form(
        [
            choice("one", kind="multi") | {"options": scored},
            {"kind": "matrix", "key": "two", "title": "二", "rows": options("r", "s"), "columns": scored},
        ],
        results=[{"least": 0, "most": 2, "title": "入门"}, {"least": 3, "most": 9, "title": "行家"}],
    )

    found = accept(quiz, {"one": picks("a"), "two": {"r": "a", "s": "b"}})
    assert (found.score, found.result and found.result.title) == (3, "行家")
    assert accept(quiz, {"two": {"s": "b"}}).result is None


def test_what_is_written_freely_is_sealed_and_only_said_to_be_there() -> None:
    definition = form(
        [
            text("name", personal=True),
            choice("why") | {"options": options("a", "z", z={"is_other": True})},
            {"kind": "phone", "key": "phone", "title": "电话"},
            {"kind": "nps", "key": "nps", "title": "推荐"},
        ]
    )
    values = {"name": "林", "why": picks("z", other="x"), "phone": "+8613812345678", "nps": 9}

    clear, sealed = rules.divide(definition, values)

    assert clear == {"name": True, "why": picks("z"), "phone": True, "nps": 9}
    assert {**clear, **sealed} == values


def test_a_place_is_told_as_an_address() -> None:
    definition = form([{"kind": "region", "key": "home", "title": "住地", "attribute": "address"}])

    assert traits_of(definition, {"home": "110101"}) == {
        "address": {"province": "北京市", "city": "北京市", "district": "东城区"}
    }


def test_the_profile_keeps_what_is_ranked_first() -> None:
    definition = form([ranking("teas", "a", "b", "c", attribute="favourite_tea")])

    assert traits_of(definition, {"teas": ranked("c", "a", "b")}) == {"favourite_tea": "选项 c"}


@pytest.mark.parametrize(
    ("state", "hour", "expected"),
    [
        (FormState.DRAFT, 9, Opening.NOT_YET),
        (FormState.CLOSED, 9, Opening.CLOSED),
        (FormState.ARCHIVED, 9, Opening.CLOSED),
        (FormState.OPEN, 7, Opening.NOT_YET),
        (FormState.OPEN, 8, Opening.OPEN),
        (FormState.OPEN, 17, Opening.OPEN),
        (FormState.OPEN, 18, Opening.CLOSED),
    ],
)
def test_a_form_is_open_from_its_first_hour_to_before_its_last(
    state: FormState, hour: int, expected: Opening
) -> None:
    day = datetime(2026, 3, 4, tzinfo=UTC)
    hours = FormRules(opens_at=day.replace(hour=8), closes_at=day.replace(hour=18))

    assert rules.opening(state, hours, day.replace(hour=hour)) is expected


def test_periods_are_the_calendar_of_the_brand() -> None:
    late = datetime(2026, 3, 1, 17, tzinfo=UTC)  # Monday, one o'clock in Shanghai.

    found = {every: rules.period_key(every, late, SHANGHAI) for every in ("hour", "day", "week", "month")}

    assert found == {
        "hour": "h:2026-03-02T01+0800",
        "day": "d:2026-03-02",
        "week": "w:2026-03-02",
        "month": "m:2026-03",
    }
