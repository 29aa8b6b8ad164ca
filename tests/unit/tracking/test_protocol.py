"""Reading tracking calls as the Segment specification writes them."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from quanyu.app.tracking.protocol import BATCH_EVENTS_MAX, EVENT_BYTES_MAX, Reader
from quanyu.app.tracking.refusals import (
    _WORDS,
    BodyTooLarge,
    EventTooLarge,
    InvalidBody,
    InvalidEvent,
    Reason,
)
from quanyu.flows.intake import IntakeEvent

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HAN = re.compile(r"[\u4e00-\u9fff]")


def read(kind: str, **call: Any) -> IntakeEvent:
    return Reader().read_one(kind, json.dumps(call).encode(), source="web", received_at=NOW)


def test_a_track_call_becomes_an_event() -> None:
    event = read(
        "track",
        event="Product Viewed",
        userId="m-7",
        anonymousId="a-1",
        messageId="id-1",
        timestamp="2026-11-22T01:59:58.123Z",
        properties={"product_id": "p1"},
        context={"campaign": {"name": "双十一"}, "scene": "1047"},
    )
    assert (event.kind, event.name, event.message_id) == ("track", "Product Viewed", "id-1")
    assert event.occurred_at == datetime(2026, 11, 22, 1, 59, 58, 123000, tzinfo=UTC)
    assert [(one.namespace, one.value) for one in event.identifiers] == [
        ("user_id", "m-7"),
        ("anonymous_id", "a-1"),
    ]
    assert event.context == {"campaign": "双十一", "scene": "1047"}
    assert event.properties == {"product_id": "p1"}


def test_the_senders_skew_is_taken_off() -> None:
    """IN-2: the sender's clock is an hour behind; the event happened ten seconds before it was sent."""
    event = read(
        "track",
        event="E",
        userId="u",
        timestamp="2026-11-22T00:59:50Z",
        sentAt="2026-11-22T01:00:00Z",
    )
    assert event.occurred_at == datetime(2026, 11, 22, 1, 59, 50, tzinfo=UTC)


def test_transit_is_not_mistaken_for_skew() -> None:
    event = read(
        "track", event="E", userId="u", timestamp="2026-11-22T01:59:50Z", sentAt="2026-11-22T01:59:57Z"
    )
    assert event.occurred_at == datetime(2026, 11, 22, 1, 59, 50, tzinfo=UTC)


def test_an_event_from_tomorrow_happened_when_we_heard_of_it() -> None:
    assert read("track", event="E", userId="u", timestamp="2026-11-24T00:00:00Z").occurred_at == NOW


def test_outside_ids_of_the_context_name_the_person() -> None:
    event = read(
        "identify",
        context={"externalIds": [{"id": "oABC", "type": "openid", "scope": "wx1", "collection": "users"}]},
        traits={"city": "杭州"},
    )
    assert [(one.namespace, one.scope, one.value) for one in event.identifiers] == [("openid", "wx1", "oABC")]
    assert event.traits == {"city": "杭州"}


def test_a_page_keeps_its_name_among_the_properties() -> None:
    event = read("page", userId="u", name="首页", category="商城", properties={"url": "https://x"})
    assert event.name == "Page Viewed"
    assert event.properties == {"url": "https://x", "name": "首页", "category": "商城"}


def test_alias_joins_two_names() -> None:
    event = read("alias", userId="u", previousId="a")
    assert [(one.namespace, one.value) for one in event.identifiers] == [
        ("user_id", "u"),
        ("anonymous_id", "a"),
    ]


@pytest.mark.parametrize(
    ("kind", "call", "says"),
    [
        ("track", {"event": "E"}, "userId"),
        ("track", {"userId": "u"}, "event's name"),
        ("track", {"userId": "u", "event": "x" * 201}, "201 characters"),
        ("track", {"userId": "u", "event": "E", "timestamp": "yesterday"}, "ISO 8601"),
        ("track", {"userId": "u", "event": "E", "timestamp": "1955-01-01T00:00:00Z"}, "before 1970"),
        ("track", {"userId": "u", "event": "E", "properties": [1]}, "properties"),
        ("track", {"userId": "u", "event": "E", "messageId": "m" * 201}, "messageId"),
        ("alias", {"userId": "u"}, "previousId"),
        ("track", {"userId": {"a": 1}, "event": "E"}, "not an event"),
        ("group", {"userId": "u", "traits": {"name": "妈妈群"}}, "a group call needs groupId"),
        ("group", {"userId": "u", "groupId": " "}, "a group call needs groupId"),
        ("nonsense", {"userId": "u"}, "none of alias, group"),
        ("track", {"userId": "u" * 201, "event": "E"}, "userId has 201 characters"),
        ("track", {"userId": "u", "event": "E", "sentAt": "now", "timestamp": "2026-11-22"}, "sentAt 'now'"),
    ],
)
def test_what_cannot_be_taken_is_named_in_both_languages(kind: str, call: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidEvent, match=says) as refused:
        read(kind, **call)

    assert HAN.search(refused.value.message_zh)
    assert refused.value.details["reason"] == refused.value.reason


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(_WORDS) == set(Reason)
    for english, chinese in _WORDS.values():
        assert HAN.search(chinese)
        assert not HAN.search(english)
        named = re.compile(r"\{(\w+)[^}]*\}")
        assert set(named.findall(chinese)) <= {*named.findall(english), "place"}


def test_where_an_event_cannot_be_read_is_told_in_chinese_too() -> None:
    with pytest.raises(InvalidEvent) as wrong_type:
        read("track", userId={"a": 1}, event="E")
    with pytest.raises(InvalidEvent) as malformed:
        Reader().read_one("track", b'{"event": nope}', source="web", received_at=NOW)

    assert "（位置 $.userId）" in wrong_type.value.message_zh
    assert "（第 14 字节）" in malformed.value.message_zh


@pytest.mark.parametrize("currency", ["ZZZZ", "RMB1", "￥", "人民币", 156, "C1Y"])
def test_an_amount_without_a_currency_that_exists_is_refused_and_named(currency: object) -> None:
    properties = {"order_id": "o-1", "revenue": "12.50", "currency": currency}

    with pytest.raises(InvalidEvent, match=r"properties\.currency") as refused:
        read("track", event="Order Completed", userId="u", properties=properties)

    assert refused.value.details == {"reason": "currency.invalid", "field": "properties.currency"}
    assert HAN.search(refused.value.message_zh)


@pytest.mark.parametrize("currency", ["CNY", "cny", " Usd ", "", None])
def test_a_currency_of_three_letters_or_none_is_taken(currency: object) -> None:
    properties = {"revenue": 1, "currency": currency}
    assert read("track", event="E", userId="u", properties=properties).properties["currency"] == currency


def test_an_event_without_an_amount_may_call_anything_a_currency() -> None:
    """Points of a game, say: nothing leaves any figure, so nothing is refused."""
    event = read("track", event="Chest Opened", userId="u", properties={"currency": "gold coins"})
    assert event.properties == {"currency": "gold coins"}


def test_an_event_beyond_the_limit_is_too_large_alone_and_rejected_in_a_batch() -> None:
    large = {"type": "track", "event": "E", "userId": "u", "properties": {"note": "x" * EVENT_BYTES_MAX}}
    with pytest.raises(EventTooLarge):
        read("track", **large)

    body = json.dumps({"batch": [large, {"type": "track", "event": "A", "userId": "u"}]}).encode()
    events, rejected = Reader().read_batch(body, source="web", received_at=NOW)

    assert [event.name for event in events] == ["A"]
    assert [(one.index, one.code) for one in rejected] == [(0, "tracking.event_too_large")]


def test_one_bad_event_does_not_spoil_the_batch() -> None:
    body = {
        "batch": [{"type": "track", "event": "A", "userId": "u"}, {"type": "tarck"}, 7],
        "sentAt": "2026-11-22T02:00:00Z",
    }
    events, rejected = Reader().read_batch(json.dumps(body).encode(), source="web", received_at=NOW)
    assert [event.name for event in events] == ["A"]
    assert [one.index for one in rejected] == [1, 2]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"batch": 1}', b"\xff\xfe"])
def test_a_body_that_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidBody):
        Reader().read_batch(body, source="web", received_at=NOW)


def test_a_batch_is_bounded() -> None:
    body = json.dumps({"batch": [{}] * (BATCH_EVENTS_MAX + 1)}).encode()
    with pytest.raises(BodyTooLarge, match="at most"):
        Reader().read_batch(body, source="web", received_at=NOW)


def test_a_repetition_states_the_same_though_it_is_sent_later() -> None:
    call = {"event": "E", "userId": "u", "messageId": "1", "timestamp": "2026-11-22T01:00:00Z"}
    first, again = (
        read("track", **call, sentAt="2026-11-22T01:59:59Z"),
        read("track", **call, sentAt="2026-11-22T02:00:00Z"),
    )
    assert first.stated == again.stated
    assert read("track", **{**call, "properties": {"a": 1}}).stated != first.stated


@pytest.mark.parametrize(
    "name",
    ["segments.entered", " messaging.message_delivered", "journeys.x", "payments.payment_paid", "wechat.x"],
)
def test_a_sender_cannot_state_facts_of_the_platform(name: str) -> None:
    with pytest.raises(InvalidEvent, match="facts the platform itself states"):
        read("track", event=name, userId="u")
