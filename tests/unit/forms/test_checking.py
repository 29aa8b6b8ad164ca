"""What keeps a form from being published is named with its place."""

from typing import Any

import pytest

from quanyu.modules.forms.checking import changed_kinds, check
from quanyu.modules.forms.definition import FormDefinition
from support.forms import choice, chosen, form, jump, options, ranking, text

Q = choice("a", "x", "y")


def named(definition: FormDefinition) -> set[tuple[str, str]]:
    return {(one.place, one.code) for one in check(definition)}


def with_jumps(*jumps: dict[str, Any]) -> FormDefinition:
    return form([text("first")], [Q | {"jumps": list(jumps)}], [text("b")], [text("c")])


def after_order(option: str, within: int = 1) -> FormDefinition:
    condition = {"kind": "ranked", "question": "r", "options": [option], "within": within}
    asked = ranking("r", "x", "y", "w", places=2, jumps=[jump("q:c", condition)])
    return form([asked], [text("b")], [text("c")])


CASES: tuple[tuple[FormDefinition, set[tuple[str, str]]], ...] = (
    (form([Q]), set()),
    (form([Q], title=""), {("title", "title")}),
    (form(), {("pages", "empty")}),
    (form([Q], []), {("p:p2", "empty")}),
    (form([Q, Q]), {("q:a", "repeated")}),
    (form([choice("a")]), {("q:a", "options")}),
    (form([choice("a", "x", "x")]), {("q:a", "repeated")}),
    (form([choice("a", "x", kind="multi", min_picks=2)]), {("q:a", "picks")}),
    (form([{"kind": "number", "key": "n", "title": "n", "min": 2, "max": 1}]), {("q:n", "range")}),
    (form([ranking("a", "x")]), {("q:a", "options")}),
    (form([ranking("a", "x", "y", places=3)]), {("q:a", "places")}),
    (after_order("x"), set()),
    (after_order("z"), {("q:r.jumps.0", "condition")}),
    (after_order("x", within=3), {("q:r.jumps.0", "condition")}),
    (
        with_jumps(jump("q:c", {"kind": "ranked", "question": "a", "options": ["x"]})),
        {("q:a.jumps.0", "condition")},
    ),
    (form([text("t")], kind="vote"), {("pages", "vote")}),
    (
        form([Q], rules={"opens_at": "2026-03-02T00:00:00Z", "closes_at": "2026-03-01T00:00:00Z"}),
        {("rules.closes_at", "hours")},
    ),
    (
        form(
            [Q],
            results=[
                {"least": 0, "most": 5, "title": "低"},
                {"least": 5, "most": 9, "title": "高"},
            ],
        ),
        {("results.1", "overlap")},
    ),
    (with_jumps(jump("q:c", chosen("a", "x"))), set()),
    (with_jumps(jump("p:p3")), set()),
    (with_jumps(jump("q:first")), {("q:a.jumps.0", "backward")}),
    (with_jumps(jump("q:a")), {("q:a.jumps.0", "backward")}),
    (with_jumps(jump("q:z")), {("q:a.jumps.0", "target")}),
    (with_jumps(jump("end"), jump("q:c", chosen("a", "x"))), {("q:a.jumps.1", "never")}),
    (with_jumps(jump("q:c", chosen("b", "x"))), {("q:a.jumps.0", "later")}),
    (with_jumps(jump("q:c", chosen("first", "x"))), {("q:a.jumps.0", "condition")}),
    (with_jumps(jump("q:c", chosen("a", "z"))), {("q:a.jumps.0", "condition")}),
    (with_jumps(jump("end")), {("q:b", "unreachable"), ("q:c", "unreachable")}),
    (with_jumps(jump("q:c")), {("q:b", "unreachable")}),
    (with_jumps(jump("q:c", chosen("a", "x")), jump("end")), {("q:b", "unreachable")}),
)


@pytest.mark.parametrize(("definition", "expected"), CASES)
def test_every_fault_is_named(definition: FormDefinition, expected: set[tuple[str, str]]) -> None:
    assert named(definition) == expected


def test_a_published_question_keeps_its_kind() -> None:
    before = form([Q, text("t")])

    assert changed_kinds(before, form([choice("a", "x", kind="multi"), text("t", kind="long_text")])) == ()
    (found,) = changed_kinds(before, form([text("a"), text("t"), text("new")]))
    assert (found.place, found.code) == ("q:a", "kind")


def test_a_matrix_needs_two_columns() -> None:
    matrix = {"kind": "matrix", "key": "m", "title": "m", "rows": options("r"), "columns": options("c")}
    assert named(form([matrix])) == {("q:m", "columns")}
