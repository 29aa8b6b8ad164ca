"""What mini programs are called back with: one meaning, whether written as XML or JSON."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from quanyu.wechat.callbacks.errors import CallbackRefusal, MalformedCallback
from quanyu.wechat.callbacks.xml import read_fields
from quanyu.wechat.mini_program import messages as m
from quanyu.wechat.mini_program.messages import parse_callback
from quanyu.wechat.mini_program.replies import render_transfer
from quanyu.wechat.official_account import messages as oa
from quanyu.wechat.official_account.replies import Wire

HEAD = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1700000000}
READ: dict[str, Any] = HEAD


def as_json(fields: dict[str, Any]) -> bytes:
    return msgspec.json.encode({**HEAD, **fields})


def as_xml(fields: dict[str, Any]) -> bytes:
    return f"<xml>{_elements({**HEAD, **fields})}</xml>".encode()


def _elements(fields: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{_elements(one) if isinstance(one, dict) else f'<![CDATA[{one}]]>'}</{name}>"
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    )


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"MsgType": "event", "Event": name, **fields}


CASES: list[tuple[dict[str, Any], oa.Callback]] = [
    (
        {"MsgType": "text", "Content": "你好", "MsgId": 1234567890123456, "BusinessId": 77},
        oa.TextMessage(**READ, MsgType="text", Content="你好", MsgId=1234567890123456, BusinessId=77),
    ),
    (
        {"MsgType": "image", "PicUrl": "http://p", "MediaId": "M", "MsgId": "7"},
        oa.ImageMessage(**READ, MsgType="image", PicUrl="http://p", MediaId="M", MsgId=7),
    ),
    (
        {
            "MsgType": "miniprogrampage",
            "MsgId": 7,
            "Title": "T",
            "AppId": "wx1",
            "PagePath": "p",
            "ThumbUrl": "u",
            "ThumbMediaId": "m",
        },
        oa.MiniProgramPageMessage(
            **READ,
            MsgType="miniprogrampage",
            MsgId=7,
            Title="T",
            AppId="wx1",
            PagePath="p",
            ThumbUrl="u",
            ThumbMediaId="m",
        ),
    ),
    (
        event("user_enter_tempsession", SessionFrom="sku:9"),
        oa.EnterSessionEvent(**READ, MsgType="event", Event="user_enter_tempsession", SessionFrom="sku:9"),
    ),
    (
        event(
            "wxa_media_check",
            appid="wx1",
            trace_id="t-1",
            version=2,
            errcode=0,
            errmsg="ok",
            result={"suggest": "risky", "label": 20002},
            detail=[
                {"strategy": "content_model", "errcode": 0, "suggest": "risky", "label": 20002, "prob": 90}
            ],
        ),
        m.MediaCheckEvent(
            **READ,
            MsgType="event",
            Event="wxa_media_check",
            appid="wx1",
            trace_id="t-1",
            version=2,
            errmsg="ok",
            result=m.CheckVerdict("risky", 20002),
            detail=(m.CheckDetail("content_model", 0, "risky", 20002, 90.0),),
        ),
    ),
    (
        event("trade_manage_remind_access_api", msg="请接入"),
        m.TradeAccessEvent(**READ, MsgType="event", Event="trade_manage_remind_access_api", msg="请接入"),
    ),
    (
        event(
            "trade_manage_remind_shipping",
            transaction_id="42001",
            merchant_id="1900000109",
            merchant_trade_no="A-1",
            pay_time=1700000001,
            msg="请发货",
        ),
        m.TradeShippingEvent(
            **READ,
            MsgType="event",
            Event="trade_manage_remind_shipping",
            transaction_id="42001",
            merchant_id="1900000109",
            merchant_trade_no="A-1",
            pay_time=1700000001,
            msg="请发货",
        ),
    ),
    (
        event(
            "trade_manage_order_settlement",
            transaction_id="42001",
            pay_time=1700000001,
            shipped_time=1700000002,
            confirm_receive_method=2,
            confirm_receive_time=1700000003,
            settlement_time=1700000004,
        ),
        m.TradeSettlementEvent(
            **READ,
            MsgType="event",
            Event="trade_manage_order_settlement",
            transaction_id="42001",
            pay_time=1700000001,
            shipped_time=1700000002,
            confirm_receive_method=2,
            confirm_receive_time=1700000003,
            settlement_time=1700000004,
        ),
    ),
    (
        event("wxa_punish_event", punish_id="p1", appid="wx1", punish_time=1700000005, detail='{"a":1}'),
        m.PunishEvent(
            **READ,
            MsgType="event",
            Event="wxa_punish_event",
            punish_id="p1",
            appid="wx1",
            punish_time=1700000005,
            detail='{"a":1}',
        ),
    ),
    (
        event("user_authorization_revoke", OpenID="o1", AppID="wx1", RevokeInfo="1,2"),
        oa.AuthorizationChangedEvent(
            **READ,
            MsgType="event",
            Event="user_authorization_revoke",
            OpenID="o1",
            AppID="wx1",
            RevokeInfo="1,2",
        ),
    ),
]


@pytest.mark.parametrize(("fields", "expected"), CASES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("write", [as_json, as_xml])
def test_both_forms_are_read_alike(fields: dict[str, Any], expected: oa.Callback, write: Any) -> None:
    assert parse_callback(write(fields)) == expected


POPUP = {"TemplateId": "T", "SubscribeStatusString": "accept", "PopupScene": 0}


@pytest.mark.parametrize(
    "document",
    [
        as_json(
            event("subscribe_msg_popup_event", CreateTime="1700000000", List=[{**POPUP, "PopupScene": "0"}])
        ),
        as_json(event("subscribe_msg_popup_event", List=[POPUP])),
        as_json(event("subscribe_msg_popup_event", List=POPUP)),
        as_json(event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": POPUP})),
        as_xml(event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [POPUP]})),
    ],
)
def test_the_answer_to_a_subscription_in_all_its_forms(document: bytes) -> None:
    read = parse_callback(document)

    assert isinstance(read, oa.SubscribeMessagePopupEvent)
    (item,) = read.SubscribeMsgPopupEvent.List
    assert (item.TemplateId, item.SubscribeStatusString, item.PopupScene) == ("T", "accept", "0")
    assert read.delivery_key == "o1:1700000000:subscribe_msg_popup_event:T"


def test_the_published_delivery_is_kept_whole() -> None:
    """The document inside the platform's own example of a secure delivery."""
    read = parse_callback(
        b'{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY",'
        b'"CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
    )

    assert isinstance(read, oa.OtherEvent)
    assert (read.Event, read.fields["debug_str"]) == ("debug_demo", "hello world")


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"MsgType": "text", "Content": "x", "MsgId": 9}, "9"),
        (event("wxa_media_check", trace_id="t"), "o1:1700000000:wxa_media_check:t"),
        (
            event("trade_manage_order_settlement", transaction_id="4", shipped_time=5),
            "o1:1700000000:trade_manage_order_settlement:4:5:0:0",
        ),
    ],
)
def test_delivery_keys(fields: dict[str, Any], key: str) -> None:
    assert parse_callback(as_json(fields)).delivery_key == parse_callback(as_xml(fields)).delivery_key == key


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"{", "not the expected JSON"),
        (b"{}", "no fields"),
        (b"[1]", "not well-formed"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "not the expected JSON|nested deeper"),
        (b'{"a":' * 12 + b"1" + b"}" * 12, "nested deeper"),
        (b'{"a":[[[[[[[[[[1]]]]]]]]]]}', "nested deeper"),
        (b'{"a":[' + b"1," * 5000 + b"1]}", "more than 4000 elements"),
        (b'{"a":"' + b"x" * 300_000 + b'"}', "exceeds 262144 bytes"),
        (b'{"MsgType":"text","a":"\xff"}', "not the expected JSON"),
        (b'{"MsgType":"text"}', "ToUserName"),
        (as_json({"MsgType": "text", "CreateTime": "soon"}), "CreateTime"),
    ],
)
def test_what_is_refused_says_why(document: bytes, says: str) -> None:
    with pytest.raises(MalformedCallback, match=says) as caught:
        parse_callback(document)

    assert caught.value.reason is CallbackRefusal.MALFORMED_MESSAGE


@pytest.mark.parametrize("wire", list(Wire))
def test_a_person_is_handed_over_in_either_form(wire: Wire) -> None:
    asked = parse_callback(as_json({"MsgType": "text", "Content": "人工", "MsgId": 9}))

    document = render_transfer(to=asked, at=datetime(2026, 3, 4, tzinfo=UTC), wire=wire).encode()

    fields: dict[str, Any] = (
        msgspec.json.decode(document)
        if wire is Wire.JSON
        else read_fields(document, CallbackRefusal.MALFORMED_MESSAGE)
    )
    assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == (
        "o1",
        "gh_1",
        "transfer_customer_service",
    )
