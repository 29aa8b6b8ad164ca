"""Callbacks as the platform writes them, read into typed values; and what is refused."""

import re
from typing import Any

import pytest

from quanyu.wechat.callbacks.envelope import read_envelope
from quanyu.wechat.callbacks.errors import CallbackRefusal, MalformedCallback
from quanyu.wechat.official_account import messages as m
from quanyu.wechat.official_account import parsing
from quanyu.wechat.official_account.parsing import parse_callback, read_carefully

HEAD = (
    "<ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName>"
    "<CreateTime>1700000000</CreateTime>"
)


def message(kind: str, inside: str) -> bytes:
    return f"<xml>{HEAD}<MsgType><![CDATA[{kind}]]></MsgType>{inside}<MsgId>7</MsgId></xml>".encode()


def event(name: str, inside: str) -> bytes:
    return (
        f"<xml>{HEAD}<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>{inside}</xml>"
    ).encode()


def text(name: str, value: str) -> str:
    return f"<{name}><![CDATA[{value}]]></{name}>"


COMMON: dict[str, Any] = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1700000000}

CASES: list[tuple[bytes, m.Callback]] = [
    (
        message("text", text("Content", "你好 <b>&amp;")),
        m.TextMessage(**COMMON, MsgType="text", Content="你好 <b>&amp;", MsgId=7),
    ),
    (
        message("image", text("PicUrl", "http://p") + text("MediaId", "M")),
        m.ImageMessage(**COMMON, MsgType="image", PicUrl="http://p", MediaId="M", MsgId=7),
    ),
    (
        message("voice", text("MediaId", "M") + text("Format", "amr")),
        m.VoiceMessage(**COMMON, MsgType="voice", MediaId="M", Format="amr", MsgId=7),
    ),
    (
        message("shortvideo", text("MediaId", "M") + text("ThumbMediaId", "T")),
        m.VideoMessage(**COMMON, MsgType="shortvideo", MediaId="M", ThumbMediaId="T", MsgId=7),
    ),
    (
        message(
            "location",
            "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>20</Scale>"
            + text("Label", "位置"),
        ),
        m.LocationMessage(
            **COMMON,
            MsgType="location",
            Location_X=23.134521,
            Location_Y=113.358803,
            Scale=20,
            Label="位置",
            MsgId=7,
        ),
    ),
    (
        message("link", text("Title", "T") + text("Description", "D") + text("Url", "U")),
        m.LinkMessage(**COMMON, MsgType="link", Title="T", Description="D", Url="U", MsgId=7),
    ),
    (
        event("subscribe", text("EventKey", "qrscene_123") + text("Ticket", "TICKET")),
        m.SubscribeEvent(
            **COMMON, MsgType="event", Event="subscribe", EventKey="qrscene_123", Ticket="TICKET"
        ),
    ),
    (
        event("unsubscribe", text("EventKey", "")),
        m.UnsubscribeEvent(**COMMON, MsgType="event", Event="unsubscribe"),
    ),
    (
        event("SCAN", text("EventKey", "qrscene_is_no_prefix_here") + text("Ticket", "T")),
        m.ScanEvent(
            **COMMON, MsgType="event", Event="SCAN", EventKey="qrscene_is_no_prefix_here", Ticket="T"
        ),
    ),
    (
        event("LOCATION", "<Latitude>23.1</Latitude><Longitude>-113.3</Longitude><Precision>119</Precision>"),
        m.LocationEvent(
            **COMMON, MsgType="event", Event="LOCATION", Latitude=23.1, Longitude=-113.3, Precision=119.0
        ),
    ),
    (
        event("VIEW", text("EventKey", "www.qq.com") + "<MenuId>468489431</MenuId>"),
        m.ViewEvent(**COMMON, MsgType="event", Event="VIEW", EventKey="www.qq.com", MenuId="468489431"),
    ),
    (
        event("TEMPLATESENDJOBFINISH", "<MsgID>200163836</MsgID>" + text("Status", "failed:user block")),
        m.TemplateSendFinishedEvent(
            **COMMON,
            MsgType="event",
            Event="TEMPLATESENDJOBFINISH",
            MsgID=200163836,
            Status="failed:user block",
        ),
    ),
    (
        event(
            "scancode_waitmsg",
            text("EventKey", "6")
            + f"<ScanCodeInfo>{text('ScanType', 'qrcode')}{text('ScanResult', '2')}</ScanCodeInfo>",
        ),
        m.ScanCodeEvent(
            **COMMON,
            MsgType="event",
            Event="scancode_waitmsg",
            EventKey="6",
            ScanCodeInfo=m.ScannedCode(ScanType="qrcode", ScanResult="2"),
        ),
    ),
    (
        event(
            "pic_weixin",
            text("EventKey", "6") + "<SendPicsInfo><Count>1</Count><PicList><item>"
            f"{text('PicMd5Sum', '5a75')}</item></PicList></SendPicsInfo>",
        ),
        m.SendPicturesEvent(
            **COMMON,
            MsgType="event",
            Event="pic_weixin",
            EventKey="6",
            SendPicsInfo=m.SentPictures(Count=1, PicList=m.PictureList(item=(m.Picture(PicMd5Sum="5a75"),))),
        ),
    ),
    (
        event(
            "subscribe_msg_sent_event",
            "<SubscribeMsgSentEvent><List>"
            f"{text('TemplateId', 'T')}{text('MsgID', '170')}<ErrorCode>0</ErrorCode>"
            f"{text('ErrorStatus', 'success')}</List></SubscribeMsgSentEvent>",
        ),
        m.SubscribeMessageSentEvent(
            **COMMON,
            MsgType="event",
            Event="subscribe_msg_sent_event",
            SubscribeMsgSentEvent=m.SubscribeMessageItems(
                List=(
                    m.SubscribeMessageItem(TemplateId="T", MsgID="170", ErrorCode="0", ErrorStatus="success"),
                )
            ),
        ),
    ),
    (
        event(
            "PUBLISHJOBFINISH",
            "<PublishEventInfo><publish_id>2247503051</publish_id><publish_status>2</publish_status>"
            "<fail_idx>1</fail_idx><fail_idx>2</fail_idx></PublishEventInfo>",
        ),
        m.PublishFinishedEvent(
            **COMMON,
            MsgType="event",
            Event="PUBLISHJOBFINISH",
            PublishEventInfo=m.PublishOutcome(publish_id="2247503051", publish_status=2, fail_idx=(1, 2)),
        ),
    ),
]


@pytest.mark.parametrize(("document", "expected"), CASES, ids=lambda value: type(value).__name__)
def test_both_lanes_read_every_type(document: bytes, expected: m.Callback) -> None:
    assert parse_callback(document) == expected
    assert read_carefully(document) == expected


def test_spaces_between_elements_change_nothing() -> None:
    document, expected = CASES[0]

    spaced = re.sub(rb"(</\w+>|<xml>)", rb"\1\n  ", document)

    assert parsing._read_quickly(spaced) == read_carefully(spaced) == expected


def test_the_platform_form_takes_the_quick_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: bytes) -> m.Callback:
        raise AssertionError("the careful lane was asked")

    monkeypatch.setattr(parsing, "read_carefully", fail)

    assert [parse_callback(document) for document, _ in CASES[:12]] == [
        expected for _, expected in CASES[:12]
    ]


def test_unknown_types_keep_everything() -> None:
    read = parse_callback(event("brand_new", "<Some><Deep>1</Deep></Some>" + text("EventKey", "k")))

    assert isinstance(read, m.OtherEvent)
    assert (read.Event, read.EventKey, read.fields["Some"]) == ("brand_new", "k", {"Deep": "1"})


def test_a_known_type_with_a_changed_field_keeps_everything() -> None:
    read = parse_callback(event("TEMPLATESENDJOBFINISH", text("MsgID", "now-a-word")))

    assert isinstance(read, m.OtherEvent)
    assert read.fields["MsgID"] == "now-a-word"


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (message("text", text("Content", "x")), "7"),
        (event("CLICK", text("EventKey", "menu_1")), "o1:1700000000:CLICK:menu_1"),
        (event("TEMPLATESENDJOBFINISH", "<MsgID>42</MsgID>"), "o1:1700000000:TEMPLATESENDJOBFINISH:42"),
        (
            event("PUBLISHJOBFINISH", "<PublishEventInfo><publish_id>9</publish_id></PublishEventInfo>"),
            "o1:1700000000:PUBLISHJOBFINISH:9",
        ),
    ],
)
def test_delivery_keys(document: bytes, key: str) -> None:
    assert parse_callback(document).delivery_key == key


def test_unknown_events_of_one_second_differ_by_what_they_carry() -> None:
    first, same, other = (parse_callback(event("new", f"<A>{value}</A>")) for value in (1, 1, 2))

    assert first.delivery_key == same.delivery_key != other.delivery_key


BOMB = (
    b'<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><Content>&c;</Content></xml>'
)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "not well-formed"),
        (b"<xml>", "not well-formed"),
        (message("text", text("Content", "x"))[:-4], "not well-formed"),
        ("<xml><MsgType>x</MsgType></xml>".encode("utf-16"), "not UTF-8 at byte 0"),
        (BOMB, "document type"),
        (b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>', "document type"),
        (b"<xml><A>&undefined;</A></xml>", "not well-formed"),
        (b"<html><body/></html>", "the root is <html>"),
        (b"<xml></xml>", "no fields"),
        (b"<xml>" + b"<a>" * 20 + b"</a>" * 20 + b"</xml>", "nested deeper"),
        (b"<xml>" + b"<a>1</a>" * 5000 + b"</xml>", "more than 4000 elements"),
        (b"<xml><Content>" + b"x" * 300_000 + b"</Content></xml>", "exceeds 262144 bytes"),
        (b"<xml><MsgType>text</MsgType></xml>", "ToUserName"),
        (message("text", "").replace(b"1700000000", b"soon"), "CreateTime"),
        (message("text", text("ToUserName", "twice")), "ToUserName"),
    ],
)
def test_what_is_refused_says_why(document: bytes, says: str) -> None:
    with pytest.raises(MalformedCallback, match=says) as caught:
        parse_callback(document)

    assert caught.value.reason is CallbackRefusal.MALFORMED_MESSAGE


def test_a_person_may_write_about_document_types() -> None:
    read = parse_callback(message("text", text("Content", "<!DOCTYPE html> & <!ENTITY>")))

    assert isinstance(read, m.TextMessage)
    assert read.Content == "<!DOCTYPE html> & <!ENTITY>"


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[QUJD]]></Encrypt></xml>",
        b"<xml>\n <ToUserName><![CDATA[gh_1]]></ToUserName>\n <Encrypt><![CDATA[QUJD]]></Encrypt>\n</xml>\n",
        b"<xml><Encrypt>QUJD</Encrypt><AgentID>1</AgentID></xml>",
        f"<xml>{HEAD}<Encrypt><![CDATA[QUJD]]></Encrypt></xml>".encode(),
    ],
)
def test_envelopes(body: bytes) -> None:
    assert read_envelope(body) == "QUJD"


def test_plaintext_mode_is_refused_with_what_to_do() -> None:
    with pytest.raises(MalformedCallback, match="安全模式") as caught:
        read_envelope(message("text", text("Content", "x")))

    assert caught.value.reason is CallbackRefusal.NOT_ENCRYPTED


@pytest.mark.parametrize("body", [b"", b"{}", b"<xml><Encrypt>", b"<xml><Encrypt><a>1</a></Encrypt>"])
def test_broken_envelopes_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedCallback):
        read_envelope(body)
