"""Which values a message says, and which it cannot do without."""

import pytest

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.templates.needs import lacks, needs_of

TEXT = MessageKind.CUSTOMER_SERVICE_TEXT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("你好", {}),
        ("{{ person.display_name }} {{ preferences_url }} {{ forms.frm_1 }}", {}),
        ("{{ person.level }}", {"person.level": True}),
        ("{{ person.level | default: '茶友' }}", {"person.level": False}),
        ("{% if person.vip %}{{ person.level }}{% endif %}", {"person.level": True, "person.vip": False}),
        (
            "{{ person.spent | money }} {{ person.since | date: '%Y' }}",
            {"person.since": True, "person.spent": True},
        ),
        ("{{ person.level }}{{ person.level | default: 'x' }}", {"person.level": True}),
        (
            "{{ person.address.city }} {{ event.order_id }}",
            {"event.order_id": True, "person.address.city": True},
        ),
        ("{{ person.page | short_link: '我的' }}", {"person.page": True}),
    ],
)
def test_a_value_is_needed_where_nothing_stands_in_for_it(text: str, found: dict[str, bool]) -> None:
    assert {need.name: need.is_needed for need in needs_of(TEXT, {"text": text})} == found


def test_every_part_of_a_template_is_looked_at() -> None:
    content = {
        "template_id": "t",
        "data": {"thing1": "{{ person.tea }}", "thing2": "{{ person.tea | default: '茶' }}"},
        "url": "https://x.test/{{ person.code }}",
    }
    found = needs_of(MessageKind.TEMPLATE, content)
    assert [(need.attribute, need.is_needed) for need in found] == [("code", True), ("tea", True)]


def test_a_value_lies_as_deep_as_it_is_written() -> None:
    known = {"person": {"address": {"city": "杭州", "zip": None}}}
    assert not lacks(known, ("person", "address", "city"))
    assert lacks(known, ("person", "address", "zip"))
    assert lacks(known, ("person", "level"))
    assert lacks(known, ("person", "address", "city", "x"))
