"""Field rules of subscribe messages: checked when written, and again when filled in (D9, WX-3)."""

import random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.kinds import keywords
from quanyu.modules.messaging.rendering import Rendered, Unrenderable, check_content, render
from wechat_sandbox.state.notice_values import accepts

SUBSCRIBE = MessageKind.MINI_PROGRAM_SUBSCRIBE
ZONE = ZoneInfo("Asia/Shanghai")
RULES = (
    *("thing", "number", "letter", "symbol", "character_string", "time", "date", "amount"),
    *("phone_number", "car_number", "name", "phrase"),
)


def content(**data: str) -> dict[str, Any]:
    return {"template_id": "T", "data": data}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thing1", "长" * 21),
        ("number2", "12a"),
        ("amount3", "¥1,234.50"),
        ("date4", "明天"),
        ("phrase5", "abc"),
        ("name6", "欧阳" * 6),
        ("character_string7", "单号"),
    ],
)
def test_a_value_that_breaks_its_rule_is_named_when_written_and_refused_when_filled_in(
    field: str, value: str
) -> None:
    with pytest.raises(InvalidContent, match=f"data.{field}: ") as wrong:
        check_content(SUBSCRIBE, content(**{field: value}))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in wrong.value.message_zh)

    spoken = content(**{field: "{{ said }}"})
    check_content(SUBSCRIBE, spoken)  # Nobody can say yet.
    refused = render(SUBSCRIBE, spoken, {"said": value}, ZONE)
    assert isinstance(refused, Unrenderable)
    assert refused.reason is RefusalReason.FIELD_RULE
    assert refused.detail.startswith(f"data.{field}: ")
    assert value not in refused.detail  # Names and rules, never values.


def test_what_fits_is_sent_with_its_page() -> None:
    said = content(thing1="{{ name }}", time2="2026年3月8日 15:01", other="随便")
    rendered = render(SUBSCRIBE, {**said, "page": "p?id={{ name }}"}, {"name": "茶"}, ZONE)
    assert isinstance(rendered, Rendered)
    assert rendered.payload == {
        "template_id": "T",
        "data": {
            "thing1": {"value": "茶"}, "time2": {"value": "2026年3月8日 15:01"}, "other": {"value": "随便"},
        },
        "page": "p?id=茶",
    }  # fmt: skip


def test_our_rules_are_the_platforms() -> None:
    chance = random.Random(7)
    pieces = ["茶", "A", "1", "0", ".", "-", "¥", "元", ":", "年", "月", "日", "2026", "10:30", " ", "*", "+"]
    for _ in range(4_000):
        rule = chance.choice(RULES)
        value = "".join(chance.choices(pieces, k=chance.choice([1, 2, 3, 6, 12, 24])))
        ours = keywords.misfit({f"data.{rule}1": value}) is None
        assert ours == accepts(rule, value), (rule, value)
