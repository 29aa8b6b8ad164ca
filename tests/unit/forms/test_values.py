"""Each kind of question reads its answers in one form, or says why it cannot."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from quanyu.modules.forms.definition import Question
from quanyu.modules.forms.values import Unfit, is_empty, read_value, shown_value
from quanyu.modules.people.identifiers import mask
from support.forms import choice, options, picks, ranked, ranking

_READ: TypeAdapter[Question] = TypeAdapter(Question)


def question(**fields: Any) -> Question:
    return _READ.validate_python({"key": "q", "title": "题", **fields})


MATRIX = {"kind": "matrix", "rows": options("taste", "smell"), "columns": options("good", "bad")}
GOOD: tuple[tuple[dict[str, Any], Any, Any], ...] = (
    ({"kind": "text"}, " 龙井 ", "龙井"),
    ({"kind": "number", "whole": True, "min": 1}, 3.0, 3),
    ({"kind": "number"}, -2.5, -2.5),
    (choice("q", "a", "b"), picks("b"), picks("b")),
    (choice("q", "a", "b", "c", kind="multi"), picks("c", "a"), picks("a", "c")),
    (ranking("q", "a", "b", "c"), ranked("c", "a", "b"), ranked("c", "a", "b")),
    (ranking("q", "a", "b", "c", places=2), ranked("b", "a"), ranked("b", "a")),
    ({"kind": "rating"}, 5, 5),
    ({"kind": "nps"}, 0, 0),
    (MATRIX, {"smell": "bad"}, {"smell": "bad"}),
    ({"kind": "date", "min": "2026-01-01"}, "2026-03-04", "2026-03-04"),
    ({"kind": "phone"}, "138 1234 5678", "+8613812345678"),
    ({"kind": "phone"}, "+852 2123 4567", "+85221234567"),
    ({"kind": "email"}, " Ann@Example.COM ", "ann@example.com"),
    ({"kind": "region"}, "330106", "330106"),
    ({"kind": "region", "level": "province"}, "33", "33"),
)
BAD: tuple[tuple[dict[str, Any], Any, str], ...] = (
    ({"kind": "text", "max_length": 3}, "四个字了", "too_long"),
    ({"kind": "text", "min_length": 3}, "两字", "too_short"),
    ({"kind": "text"}, "a\0b", "text"),
    ({"kind": "text"}, 7, "text"),
    ({"kind": "number"}, True, "number"),
    ({"kind": "number"}, "3", "number"),
    ({"kind": "number"}, float("inf"), "number"),
    ({"kind": "number", "whole": True}, 1.5, "whole"),
    ({"kind": "number", "min": 1}, 0, "too_small"),
    ({"kind": "number", "max": 1}, 2, "too_large"),
    (choice("q", "a", "b"), picks("z"), "choice"),
    (choice("q", "a", "b"), "a", "choice"),
    (choice("q", "a", "b"), picks("a", "b"), "too_many"),
    (choice("q", "a", "b", kind="multi"), picks("a", "a"), "choice"),
    (choice("q", "a", "b", "c", kind="multi", max_picks=2), picks("a", "b", "c"), "too_many"),
    (choice("q", "a", "b", kind="multi", min_picks=2), picks("a"), "too_few"),
    (ranking("q", "a", "b"), ranked("a"), "places"),
    (ranking("q", "a", "b", "c", places=2), ranked("a", "b", "c"), "places"),
    (ranking("q", "a", "b"), ranked("a", "a"), "ranking"),
    (ranking("q", "a", "b"), ranked("a", "z"), "ranking"),
    (ranking("q", "a", "b"), picks("a", "b"), "ranking"),
    (ranking("q", "a", "b"), {"ranked": [["a"], "b"]}, "ranking"),
    ({"kind": "rating", "steps": 5}, 6, "step"),
    ({"kind": "nps"}, -1, "step"),
    (MATRIX, {"sound": "bad"}, "matrix"),
    (MATRIX, {"smell": "ugly"}, "matrix"),
    (MATRIX | {"required": True}, {"smell": "bad"}, "required"),
    ({"kind": "date"}, "2026-02-30", "date"),
    ({"kind": "date", "max": "2026-01-01"}, "2026-01-02", "too_late"),
    ({"kind": "phone"}, "12345", "phone"),
    ({"kind": "email"}, "ann@example", "email"),
    ({"kind": "region"}, "33", "region"),
    ({"kind": "region", "level": "city"}, "330106", "region"),
    ({"kind": "region"}, "999999", "region"),
)


@pytest.mark.parametrize(("fields", "raw", "kept"), GOOD)
def test_a_value_that_fits_is_kept_in_one_form(fields: dict[str, Any], raw: Any, kept: Any) -> None:
    assert read_value(question(**fields), raw) == kept
    assert read_value(question(**fields), kept) == kept


@pytest.mark.parametrize(("fields", "raw", "code"), BAD)
def test_a_value_that_does_not_fit_says_why(fields: dict[str, Any], raw: Any, code: str) -> None:
    with pytest.raises(Unfit) as refusal:
        read_value(question(**fields), raw)

    assert refusal.value.code == code
    assert refusal.value.text
    assert refusal.value.text_zh


def test_what_goes_with_another_option_is_kept_with_that_option_alone() -> None:
    asked = question(**choice("q", "a", "z") | {"options": options("a", "z", z={"is_other": True})})

    assert read_value(asked, picks("z", other=" 别的 ")) == picks("z", other="别的")
    assert read_value(asked, picks("a", other="别的")) == picks("a")
    assert shown_value(asked, picks("z", other="别的")) == "选项 z（别的）"


def test_contacts_are_shown_masked() -> None:
    assert shown_value(question(kind="phone"), "+8613812345678", mask=mask) == "138****5678"
    assert shown_value(question(kind="region"), "110101") == "北京市市辖区东城区"


def test_an_order_is_shown_as_it_was_given() -> None:
    assert shown_value(question(**ranking("q", "a", "b")), ranked("b", "a")) == "选项 b > 选项 a"


@pytest.mark.parametrize("raw", [None, "", "  ", [], {}, {"picks": []}, {"ranked": []}])
def test_nothing_is_no_answer(raw: Any) -> None:
    assert is_empty(raw)


@pytest.mark.parametrize("raw", [0, False, "0", {"picks": ["a"]}, {"ranked": ["a"]}])
def test_zero_is_an_answer(raw: Any) -> None:
    assert not is_empty(raw)
