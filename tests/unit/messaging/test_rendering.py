"""Rendering: strict about what is missing, bounded, and with the filters messages need."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.rendering import (
    Rendered,
    Unrenderable,
    check_content,
    render,
    wants,
)

TEXT, TEMPLATE = MessageKind.CUSTOMER_SERVICE_TEXT, MessageKind.TEMPLATE
SHANGHAI = ZoneInfo("Asia/Shanghai")


def shown(source: str, **variables: Any) -> str | RefusalReason:
    rendered = render(TEXT, {"text": source}, variables, SHANGHAI)
    return rendered.preview if isinstance(rendered, Rendered) else rendered.reason


@pytest.mark.parametrize(
    ("source", "variables", "result"),
    [
        ("你好", {}, "你好"),
        ("你好 {{ person.name }}", {"person": {"name": "小明"}}, "你好 小明"),
        ("{{ person.name | default: '朋友' }}", {"person": {}}, "朋友"),
        ("{{ person.name | default: '朋友' }}", {"person": {"name": None}}, "朋友"),
        ("{% if person.vip %}贵宾{% else %}您{% endif %}好", {"person": {}}, "您好"),
        ("{{ at | date: '%m月%d日 %H:%M' }}", {"at": "2026-03-04T16:05:00Z"}, "03月05日 00:05"),
        ("{{ at | date }}", {"at": datetime(2026, 3, 4, tzinfo=UTC)}, "2026-03-04 08:00"),
        ("{{ at | date: '%Y' }}", {"at": 0}, "1970"),
        ("{{ 1234.5 | money }}", {}, "¥1,234.50"),
        ("{{ total | money }}", {"total": Decimal("0.125")}, "¥0.13"),
        ("{{ '19.9' | money: 'USD' }} {{ 5 | money: 'CHF' }}", {}, "$19.90 5.00 CHF"),
        ("{{ '13812345678' | mask }}", {}, "138****5678"),
        ("{{ '王小明' | mask: 1, 0 }}", {}, "王**"),
        ("{{ 'abc' | mask }}", {}, "***"),
    ],
)
def test_rendering(source: str, variables: dict[str, Any], result: str) -> None:
    assert shown(source, **variables) == result


@pytest.mark.parametrize(
    ("source", "variables", "reason"),
    [
        ("{{ person.name }}", {"person": {}}, RefusalReason.TEMPLATE_MISSING_VALUES),
        ("{{ person.name }}", {"person": {"name": None}}, RefusalReason.TEMPLATE_MISSING_VALUES),
        ("{{ order.items[0].name }}", {"order": {"items": []}}, RefusalReason.TEMPLATE_MISSING_VALUES),
        ("{{ missing | upcase }}", {}, RefusalReason.TEMPLATE_MISSING_VALUES),
        ("{{ 'abc' | money }}", {}, RefusalReason.TEMPLATE_ERROR),
        ("{{ 'abc' | date }}", {}, RefusalReason.TEMPLATE_ERROR),
        ("{{ 'abc' | mask: -1 }}", {}, RefusalReason.TEMPLATE_ERROR),
        ("{% for i in (1..99999) %}x{% endfor %}", {}, RefusalReason.TEMPLATE_ERROR),
        ("  \n ", {}, RefusalReason.CONTENT_EMPTY),
        ("{% if no %}x{% endif %}", {}, RefusalReason.CONTENT_EMPTY),
        ("字" * 683, {}, RefusalReason.CONTENT_TOO_LONG),
    ],
)
def test_nothing_with_a_hole_in_it_is_sent(
    source: str, variables: dict[str, Any], reason: RefusalReason
) -> None:
    assert shown(source, **variables) is reason


def test_the_detail_names_the_variable_and_never_a_value() -> None:
    rendered = render(
        TEXT, {"text": "{{ person.name }} {{ person.city }}"}, {"person": {"name": "秘密"}}, SHANGHAI
    )
    assert rendered == Unrenderable(RefusalReason.TEMPLATE_MISSING_VALUES, "text: person.city is undefined")


def test_2048_bytes_are_still_taken() -> None:
    assert shown("字" * 682 + "ab") == "字" * 682 + "ab"


def test_a_template_becomes_the_platforms_payload() -> None:
    content = {"template_id": "T1", "data": {"name": "{{ n }}", "sum": "1"}, "url": "https://x.cn/{{ n }}"}
    rendered = render(TEMPLATE, content, {"n": "茶"}, SHANGHAI)

    assert isinstance(rendered, Rendered)
    assert rendered.payload == {
        "template_id": "T1",
        "data": {"name": {"value": "茶"}, "sum": {"value": "1"}},
        "url": "https://x.cn/茶",
    }
    assert rendered.preview == "name: 茶\nsum: 1"


def test_a_template_field_without_a_value_is_missing() -> None:
    content = {"template_id": "T1", "data": {"name": "{{ n | default: '' }}"}}
    rendered = render(TEMPLATE, content, {}, SHANGHAI)
    assert rendered == Unrenderable(RefusalReason.TEMPLATE_MISSING_VALUES, "data.name: empty")


def test_the_digest_is_of_the_words_not_of_the_order_of_fields() -> None:
    one = render(TEMPLATE, {"template_id": "T", "data": {"a": "1", "b": "2"}}, {}, SHANGHAI)
    two = render(TEMPLATE, {"data": {"b": "2", "a": "1"}, "template_id": "T"}, {}, SHANGHAI)
    other = render(TEMPLATE, {"template_id": "T", "data": {"a": "1", "b": "3"}}, {}, SHANGHAI)
    assert isinstance(one, Rendered)
    assert isinstance(two, Rendered)
    assert isinstance(other, Rendered)
    assert one.digest == two.digest != other.digest


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        (TEXT, {}, "text: expected"),
        (TEXT, {"text": 5}, "text: expected"),
        (TEXT, {"text": "x", "colour": "red"}, "unknown parts: colour"),
        (TEXT, {"text": "{{ name"}, "text: "),
        (TEXT, {"text": "{{ name | shout }}"}, "unknown filter 'shout'"),
        (TEXT, {"text": "{% include 'other' %}"}, "text: "),
        (TEXT, {"text": "x" * 10_001}, "longer than"),
        (TEMPLATE, {"data": {"a": "1"}}, "template_id"),
        (TEMPLATE, {"template_id": "T"}, "data: give 1 to 30"),
        (TEMPLATE, {"template_id": "T", "data": {}}, "data: give 1 to 30"),
        (TEMPLATE, {"template_id": "T", "data": {"a": ""}}, "a: expected"),
    ],
)
def test_bad_content_is_named_when_it_is_written(
    kind: MessageKind, content: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidContent, match=problem) as refused:
        check_content(kind, content)

    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.message_zh)


def test_person_is_loaded_only_for_templates_that_speak_of_the_person() -> None:
    assert wants(TEXT, {"text": "{{ person.name }}"}, "person")
    assert wants(TEMPLATE, {"template_id": "T", "data": {"a": "{% if person %}1{% endif %}"}}, "person")
    assert not wants(TEXT, {"text": "person {{ order.person }}"}, "person")
