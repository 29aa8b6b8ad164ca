"""Formulas: what they give, what they refuse and where, and how numbers spread over bars."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.events.asking.windows import Bounds
from quanyu.modules.insight.computed.compiler import symmetric_difference
from quanyu.modules.insight.computed.definition import parse_definition
from quanyu.modules.insight.computed.distribution import spread
from quanyu.modules.insight.computed.errors import InvalidComputed, InvalidFormula
from quanyu.modules.insight.computed.formula.checking import check
from quanyu.modules.insight.computed.formula.evaluating import Inputs, evaluate
from quanyu.modules.insight.computed.formula.grammar import parse
from quanyu.modules.insight.computed.plan import plan_all
from quanyu.modules.insight.computed.ranks import places
from quanyu.modules.insight.computed.values import ValueType, to_json

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
KNOWN = {
    "orders": ValueType.NUMBER,
    "none": ValueType.NUMBER,
    "last_at": ValueType.TIME,
    "city": ValueType.TEXT,
    "vip": ValueType.BOOL,
    "top": ValueType.LIST,
    "place": None,
}
VALUES = {
    "orders": Decimal(3),
    "last_at": datetime(2026, 3, 1, 17, tzinfo=UTC),  # The second of March in Shanghai.
    "city": "上海",
    "vip": True,
}
TOLD = {"points": 12.5, "level": "7", "birthday": "2000-03-04", "flag": False, "list": [1]}


def result(text: str) -> Any:
    checked = check(parse(text), KNOWN)
    return to_json(evaluate(checked.node, Inputs(computed=VALUES, told=TOLD, as_of=NOW, zone=ZONE)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - -4 / 2", 9),
        ("(1 + 2) * 3", 9),
        ("0.1 + 0.2", 0.3),
        ("orders / 0", None),
        ("1 / 3", 0.333333),
        ("none + 1", None),
        ("coalesce(none, orders, 9)", 3),
        ("if(orders >= 3 and not (vip = false), '高', '低')", "高"),
        ("if（orders≥3，“高”，“低（”）", "高"),
        ("if(none > 1, 1, 2)", 2),
        ("none > 1 or vip", True),
        ("none > 1 and vip", None),
        ("none > 1 and not vip", False),
        ("min(orders, 2, number(points))", 2),
        ("max(time(birthday), last_at) = last_at", True),
        ("round(number(points) / 4, 1)", 3.1),
        ("floor(-1.5) + ceil(1.2) + abs(-1)", 1),
        ("number(level) + 1", 8),
        ("number(list)", None),
        ("text(points)", "12.5"),
        ("text(flag)", "false"),
        ("bool(flag)", False),
        ("days_since(last_at)", 2),
        ("days_between(last_at, today())", 2),
        ("hours_between(last_at, today())", 47),
        ("today()", "2026-03-03T16:00:00.000Z"),
        ("time('2026-03-01')", "2026-02-28T16:00:00.000Z"),
        ("concat(city, '·', text(orders))", "上海·3"),
        ("contains(city, '海') and starts_with(city, '上')", True),
        ("length(city)", 2),
        ("is_set(none)", False),
        ("city < '北京'", True),
        ("computed.orders + orders", 6),
    ],
)
def test_what_formulas_give(text: str, value: Any) -> None:
    assert result(text) == value


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "公式为空"),
        ("orders +", 1, 9, "公式不完整"),
        ("orders +\n  'a'", 2, 3, "需要数字"),
        ("orders ** 2", 1, 9, "不应出现"),
        ("orders & 2", 1, 8, "不能使用 &"),
        ("'abc", 1, 1, "没有闭合"),
        ("order + 1", 1, 1, "是否指 orders"),
        ("flor(1)", 1, 1, "是否指 floor"),
        ("if(orders, 1, 2)", 1, 4, "需要真假"),
        ("if(vip, 1, 'a')", 1, 12, "不能与数字混用"),
        ("min(1)", 1, 1, "2 到 20 个参数"),
        ("round(1, 7)", 1, 10, "0 到 6"),
        ("vip < true", 1, 5, "不能比较大小"),
        ("1 + text(phone)", 1, 10, "has_phone"),
        ("top", 1, 1, "列表"),
        ("place", 1, 1, "排名"),
        ("null", 1, 1, "始终为空"),
        ("(" * 300 + "1" + ")" * 300 + "+", 1, 603, "不完整"),
    ],
)
def test_what_is_refused_says_where(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(InvalidFormula) as refused:
        check(parse(text), KNOWN)
    assert (refused.value.details["line"], refused.value.details["column"]) == (line, column)
    assert words in refused.value.message_zh


def test_deep_and_long_formulas_are_refused() -> None:
    for text in ("-" * 50 + "1", "-" * 1_900 + "1", "1" * 2_001):
        with pytest.raises(InvalidFormula):
            parse(text)


def test_formulas_come_after_what_they_read_and_circles_are_refused() -> None:
    count = {"kind": "events", "name": "A", "figure": "count"}
    written = {"c": "b + 1", "b": "a * 2", "d": "if(c > 1, b, a)"}
    definitions = {key: parse_definition({"kind": "formula", "text": text}) for key, text in written.items()}
    rank = parse_definition({"kind": "rank", "of": "d"})
    plan = plan_all({"r": rank, **definitions, "a": parse_definition(count)})
    assert list(plan) == ["a", "b", "c", "d", "r"]
    circle = {**definitions, "b": parse_definition({"kind": "formula", "text": "d + 1"})}
    with pytest.raises(InvalidComputed, match="circle"):
        plan_all({**circle, "a": parse_definition(count)})


def test_places_are_shares_of_the_others() -> None:
    assert places({1: 5.0, 2: 7.0, 3: 7.0, 4: 9.0}) == {1: 0, 2: 33, 3: 33, 4: 100}
    assert places({1: 5.0}) == {1: 100}


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ((0, 10), (3, 12), [(0, 2), (11, 12)]),
        ((0, 10), (20, 30), [(0, 10), (20, 30)]),
        ((None, 10), (None, 12), [(11, 12)]),
        ((None, 10), (5, 10), [(None, 4)]),
        ((0, 10), (0, 10), []),
    ],
)
def test_what_crossed_an_edge_lies_in_one_of_two_spans(old: Any, new: Any, parts: list[Any]) -> None:
    assert list(symmetric_difference(Bounds(*old), Bounds(*new))) == [Bounds(*part) for part in parts]


def test_bars_hold_everybody() -> None:
    few = spread([(1, 5), (3, 2)], ValueType.NUMBER, ZONE)
    assert [(one.label, one.people) for one in few.bins] == [("1", 5), ("3", 2)]
    assert (few.least, few.most, few.mean, few.median) == (1, 3, 11 / 7, 1)
    many = spread([(value, 1) for value in [*range(100), 10_000]], ValueType.NUMBER, ZONE)
    assert sum(one.people for one in many.bins) == 101
    assert (many.bins[0].label, many.bins[-1].end, len(many.bins)) == ("0–10", None, 12)
    words = spread([("上海", 3), ("北京", 4)], ValueType.TEXT, ZONE)
    assert [(one.label, one.people) for one in words.bins] == [("北京", 4), ("上海", 3)]
    times = spread([("2026-03-01T17:00:00.000Z", 2)], ValueType.TIME, ZONE)
    assert [(one.label, one.people) for one in times.bins] == [("2026-03-02", 2)]
