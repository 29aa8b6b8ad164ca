"""Every callback of WeCom: its type, its fields, and what tells it from another."""

from datetime import UTC, datetime
from typing import Any

import pytest

from quanyu.wechat.callbacks.errors import BadSignature, CallbackRefusal, MalformedCallback
from quanyu.wechat.wecom.callbacks import (
    EVENT_TYPES,
    CallbackOpener,
    Delivery,
    parse_callback,
    read_encrypted,
)
from quanyu.wechat.wecom.events import apps, base, customers, service
from unit.wechat.wecom.event_cases import AT, CASES, CUSTOMER, PAIR

CORP = "ww0000000000000001"


def element(name: str, value: Any) -> str:
    """Write an element as the platform does: texts in CDATA, numbers bare, lists repeated, parts nested."""
    if isinstance(value, dict):
        return f"<{name}>{''.join(element(key, one) for key, one in value.items())}</{name}>"
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    return f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"


def event(name: str, change: str = "", at: int = AT, sender: str = "sys", **fields: Any) -> bytes:
    head = {"ToUserName": CORP, "FromUserName": sender, "CreateTime": at, "MsgType": "event", "Event": name}
    if change:
        head["ChangeType"] = change
    inside = "".join(element(key, value) for key, value in {**head, **fields}.items())
    return f"<xml>{inside}</xml>".encode()


def read(name: str, change: str = "", **fields: Any) -> Any:
    return parse_callback(event(name, change, **fields))


@pytest.mark.parametrize(("name", "change", "fields", "kind", "known"), CASES)
def test_every_event_has_its_type(
    name: str, change: str, fields: dict[str, Any], kind: type[base.Event], known: dict[str, Any]
) -> None:
    got = read(name, change, **fields)

    assert type(got) is kind
    assert (got.ToUserName, got.CreateTime, got.Event, got.ChangeType) == (CORP, AT, name, change)
    assert {field: getattr(got, field) for field in known} == known
    assert got.delivery_key == read(name, change, **fields).delivery_key
    assert got.delivery_key != read(name, change, at=AT + 1, **fields).delivery_key


def test_every_declared_event_is_shown_here() -> None:
    shown = {(name, change) for name, change, *_ in CASES} | {("kf_msg_or_event", "")}

    assert shown == set(EVENT_TYPES)


def test_service_news_name_no_sender() -> None:
    document = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><CreateTime>{AT}</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>"
        "<Token><![CDATA[T1]]></Token><OpenKfId><![CDATA[wk1]]></OpenKfId></xml>"
    )

    got = parse_callback(document.encode())

    assert isinstance(got, service.ServiceHasNews)
    assert (got.FromUserName, got.Token, got.OpenKfId) == ("", "T1", "wk1")
    assert got.delivery_key == f"kf_msg_or_event::{AT}:wk1:T1"


def test_two_adds_in_one_second_are_two_events() -> None:
    """By the platform's own advice, sender and second, the two would be one."""

    def key(staff: str, customer: str, code: str = "W", change: str = "add_external_contact") -> str:
        got = read(CUSTOMER, change, UserID=staff, ExternalUserID=customer, WelcomeCode=code)
        return str(got.delivery_key)

    keys = [key("a", "wm1"), key("a", "wm2"), key("b", "wm1"), key("a", "wm1", change="del_follow_user")]

    assert len(set(keys)) == 4
    assert key("a", "wm1") == "change_external_contact:add_external_contact:1767225600:a:wm1"
    assert key("a", "wm1", code="another app's") == key("a", "wm1")


def test_what_may_happen_twice_in_one_second_is_told_apart_by_what_happened() -> None:
    def group(**fields: Any) -> str:
        return str(read("change_external_chat", "update", ChatId="wr1", **fields).delivery_key)

    def member(**fields: Any) -> str:
        return str(read("change_contact", "update_user", UserID="a", **fields).delivery_key)

    joins = [
        group(UpdateDetail="add_member", MemChangeList={"Item": ["wm1"]}),
        group(UpdateDetail="add_member", MemChangeList={"Item": ["wm2"]}),
        group(UpdateDetail="del_member", MemChangeList={"Item": ["wm1"]}),
        group(UpdateDetail="add_member", MemChangeList={"Item": ["wm1"]}, CurMemVer="v2"),
    ]
    edits = [member(Name="甲"), member(Name="乙"), member(Position="甲")]

    assert len(set(joins)) == 4
    assert len(set(edits)) == 3


def test_keys_cannot_be_made_to_fall_together() -> None:
    first = read("click", EventKey="a:7", AgentID="x")
    second = read("click", EventKey="7", AgentID="x:a")

    assert first.delivery_key != second.delivery_key


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("text", {"Content": "你好"}, apps.TextMessage),
        ("image", {"PicUrl": "https://p", "MediaId": "M"}, apps.ImageMessage),
        ("voice", {"MediaId": "M", "Format": "amr"}, apps.VoiceMessage),
        ("video", {"MediaId": "M", "ThumbMediaId": "T"}, apps.VideoMessage),
        (
            "location",
            {"Location_X": "23.1", "Location_Y": "113.3", "Scale": 15, "Label": "L"},
            apps.LocationMessage,
        ),
        (
            "link",
            {"Title": "t", "Description": "d", "Url": "https://u", "PicUrl": "https://p"},
            apps.LinkMessage,
        ),
        ("hologram", {"Depth": "3"}, base.OtherMessage),
    ],
)
def test_messages_have_their_types(kind: str, fields: dict[str, Any], expected: type[base.Message]) -> None:
    head = {"ToUserName": CORP, "FromUserName": "a", "CreateTime": AT, "MsgType": kind}
    both = {**head, **fields, "MsgId": 4561255354251345929, "AgentID": 218}
    inside = "".join(element(key, value) for key, value in both.items())

    got = parse_callback(f"<xml>{inside}</xml>".encode())

    assert type(got) is expected
    assert got.delivery_key == "message:218:a:4561255354251345929"


def test_a_new_event_is_kept_with_everything() -> None:
    got = read("living_status_change", LivingId="L", Status=1)

    assert isinstance(got, base.OtherEvent)
    assert got.fields["LivingId"] == "L"
    assert got.delivery_key == read("living_status_change", LivingId="L", Status=1).delivery_key
    assert got.delivery_key != read("living_status_change", LivingId="M", Status=1).delivery_key


@pytest.mark.parametrize(
    "fields", [{"UserID": {"a": "1"}, "ExternalUserID": "w"}, {"ExternalUserID": "w"}, {"UserID": ["a", "b"]}]
)
def test_a_known_event_whose_form_changed_is_kept_with_everything(fields: dict[str, Any]) -> None:
    got = read(CUSTOMER, "add_external_contact", **fields)

    assert isinstance(got, base.OtherEvent)
    assert got.ChangeType == "add_external_contact"
    assert got.fields.keys() >= fields.keys()


def test_a_providers_app_is_told_the_same() -> None:
    document = (
        "<xml><SuiteId><![CDATA[ww4asffe99e54c0fxxxx]]></SuiteId>"
        f"<AuthCorpId><![CDATA[{CORP}]]></AuthCorpId><InfoType><![CDATA[change_external_contact]]></InfoType>"
        f"<TimeStamp>{AT}</TimeStamp><ChangeType><![CDATA[del_follow_user]]></ChangeType>"
        "<UserID><![CDATA[zhang01]]></UserID><ExternalUserID><![CDATA[wmAAAA0001]]></ExternalUserID></xml>"
    )

    got = parse_callback(document.encode())

    assert isinstance(got, customers.MemberRemoved)
    assert got.SuiteId == "ww4asffe99e54c0fxxxx"
    assert got.delivery_key == read(CUSTOMER, "del_follow_user", **PAIR).delivery_key


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<xml></xml>",
        b"<xml><MsgType>event</MsgType></xml>",
        b"<html/>",
        b"{}",
        b'{"MsgType": "event"}',
        b"\xff",
        b"<!DOCTYPE x><xml><a>1</a></xml>",
    ],
)
def test_what_is_no_callback_is_refused(document: bytes) -> None:
    with pytest.raises(MalformedCallback):
        parse_callback(document)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>", CallbackRefusal.NOT_ENCRYPTED),
        (b"<xml><ToUserName>x</ToUserName></xml>", CallbackRefusal.NOT_ENCRYPTED),
        (b'{"Encrypt": ["a"]}', CallbackRefusal.NOT_ENCRYPTED),
        (b"<xml><Encrypt>a</xml>", CallbackRefusal.MALFORMED_ENVELOPE),
        (
            b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
            CallbackRefusal.MALFORMED_ENVELOPE,
        ),
    ],
)
def test_envelopes_that_are_none(body: bytes, reason: CallbackRefusal) -> None:
    with pytest.raises(MalformedCallback) as caught:
        read_encrypted(body)
    assert caught.value.reason is reason


def test_an_answer_opens_on_the_other_side() -> None:
    opener = CallbackOpener(token="t", encoding_aes_key="A" * 43, receive_id=CORP)

    sealed = opener.seal("<xml><a>1</a></xml>", at=datetime(2026, 3, 4, tzinfo=UTC))

    inside = {
        name: sealed.decode().split(f"<{name}>", 1)[1].split(f"</{name}>", 1)[0].removeprefix("<![CDATA[")
        for name in ("MsgSignature", "TimeStamp", "Nonce")
    }
    delivery = Delivery(
        msg_signature=inside["MsgSignature"].removesuffix("]]>"),
        timestamp=inside["TimeStamp"],
        nonce=inside["Nonce"].removesuffix("]]>"),
    )
    assert opener.open(delivery, sealed) == b"<xml><a>1</a></xml>"
    with pytest.raises(BadSignature):
        opener.open(Delivery(msg_signature="\ud800", timestamp="\ud800", nonce=""), sealed)
