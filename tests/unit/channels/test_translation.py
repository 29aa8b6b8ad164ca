"""Each kind of callback becomes one named event; none is left without a translation."""

import msgspec
import pytest

from quanyu.modules.channels.translation import openid_of, translate
from quanyu.wechat.official_account import messages as wx
from quanyu.wechat.official_account.parsing import parse_callback

PREFIX = "wechat.official_account."
OPENID = "oAbcdefghijklmnopqrstuvwxyz0"


def callback(event: str, inside: str = "", sender: str = OPENID) -> wx.Callback:
    return parse_callback(
        (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{sender}</FromUserName>"
            f"<CreateTime>1</CreateTime><MsgType>event</MsgType><Event>{event}</Event>{inside}</xml>"
        ).encode()
    )


def message(kind: str, inside: str = "") -> wx.Callback:
    return parse_callback(
        (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{OPENID}</FromUserName>"
            f"<CreateTime>1</CreateTime><MsgType>{kind}</MsgType>{inside}<MsgId>1</MsgId></xml>"
        ).encode()
    )


@pytest.mark.parametrize(
    ("received", "name", "properties"),
    [
        (
            callback("subscribe", "<EventKey>qrscene_a</EventKey><Ticket>T</Ticket>"),
            "followed",
            {"scene": "a", "ticket": "T"},
        ),
        (callback("subscribe"), "followed", {}),
        (callback("unsubscribe"), "unfollowed", {}),
        (callback("SCAN", "<EventKey>a</EventKey>"), "scanned", {"scene": "a"}),
        (callback("CLICK", "<EventKey>k</EventKey>"), "menu_clicked", {"key": "k", "action": "CLICK"}),
        (
            callback("VIEW", "<EventKey>http://u</EventKey><MenuId>1</MenuId>"),
            "menu_viewed",
            {"url": "http://u", "menu_id": "1"},
        ),
        (
            callback("TEMPLATESENDJOBFINISH", "<MsgID>9007199254740993</MsgID><Status>success</Status>"),
            "template_send_finished",
            {"msgid": "9007199254740993", "status": "success"},
        ),
        (
            callback(
                "scancode_push", "<EventKey>k</EventKey><ScanCodeInfo><ScanType>qr</ScanType></ScanCodeInfo>"
            ),
            "menu_clicked",
            {"key": "k", "action": "scancode_push", "scan_type": "qr"},
        ),
        (message("text", "<Content>你好</Content>"), "message_received", {"type": "text", "content": "你好"}),
        (
            message("image", "<PicUrl>p</PicUrl><MediaId>m</MediaId>"),
            "message_received",
            {"type": "image", "pic_url": "p", "media_id": "m"},
        ),
        (message("brand_new"), "message_received", {"type": "brand_new"}),
        (callback("brand_new", "<EventKey>k</EventKey>"), "other", {"event": "brand_new", "key": "k"}),
    ],
)
def test_names_and_properties(received: wx.Callback, name: str, properties: dict[str, object]) -> None:
    translation = translate(received)

    assert (translation.name, translation.properties) == (PREFIX + name, properties)


@pytest.mark.parametrize("event", sorted(wx.EVENT_TYPES))
def test_every_event_has_a_translation(event: str) -> None:
    translation = translate(callback(event))

    assert translation.name.startswith(PREFIX)
    assert translation.name != f"{PREFIX}other"
    msgspec.json.encode(translation.properties)


@pytest.mark.parametrize("kind", sorted(wx.MESSAGE_TYPES))
def test_every_message_has_a_translation(kind: str) -> None:
    assert translate(message(kind)).properties["type"] == kind


def test_long_texts_are_cut() -> None:
    translation = translate(message("text", f"<Content>{'x' * 5000}</Content>"))

    assert len(translation.properties["content"]) == 2000


@pytest.mark.parametrize(
    ("received", "openid"),
    [
        (callback("CLICK"), OPENID),
        (callback("MASSSENDJOBFINISH", sender="mphelper"), ""),
        (callback("brand_new"), OPENID),
        (callback("brand_new", sender="mphelper"), ""),
        (callback("verify_expired", sender=OPENID), ""),
    ],
)
def test_whose_event_it_is(received: wx.Callback, openid: str) -> None:
    assert openid_of(received) == openid
