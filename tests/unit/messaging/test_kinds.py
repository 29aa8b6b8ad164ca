"""The kinds of customer-service messages beside text: what they refuse, and what they become (WX-3)."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.rendering import Rendered, Unrenderable, check_content, render
from quanyu.wechat.common.custom_messages import read_custom_message

IMAGE, NEWS = MessageKind.CUSTOMER_SERVICE_IMAGE, MessageKind.CUSTOMER_SERVICE_NEWS
PAGE, MENU = MessageKind.CUSTOMER_SERVICE_MINI_PROGRAM, MessageKind.CUSTOMER_SERVICE_MENU
ITEM = {"id": "a", "content": "好"}
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        (IMAGE, {}, "media_id"),
        (IMAGE, {"media_id": "m", "url": "x"}, "unknown parts: url"),
        (NEWS, {"title": "t"}, "url"),
        (NEWS, {"title": "{{ x", "url": "u"}, "title: "),
        (PAGE, {"title": "t", "appid": "wx", "pagepath": "p"}, "thumb_media_id"),
        (MENU, {"head": "h"}, "items: give 1 to"),
        (MENU, {"head": "h", "items": []}, "items: give 1 to"),
        (MENU, {"head": "h", "items": "ab"}, "items: give 1 to"),
        (MENU, {"head": "h", "items": [ITEM, ITEM]}, "an id of its own"),
        (MENU, {"head": "h", "items": [{"content": "好"}]}, "an id of its own"),
        (MENU, {"head": "h", "items": [{**ITEM, "url": "x"}]}, "unknown parts: url"),
        (MENU, {"head": "h", "items": [{"id": "a"}]}, "content"),
        (MENU, {"items": [ITEM]}, "head"),
    ],
)
def test_bad_content_is_named(kind: MessageKind, content: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidContent, match=problem) as refused:
        check_content(kind, content)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.message_zh)


@pytest.mark.parametrize(
    ("kind", "content", "payload", "preview"),
    [
        (IMAGE, {"media_id": " {{ m }} "}, {"msgtype": "image", "image": {"media_id": "M1"}}, "[图片] M1"),
        (
            NEWS,
            {"title": "{{ name }}的茶", "url": "https://x.cn"},
            {
                "msgtype": "news",
                "news": {"articles": [{"title": "小满的茶", "description": "", "url": "https://x.cn"}]},
            },
            "小满的茶\nhttps://x.cn",
        ),
        (
            PAGE,
            {"title": "{{ name }}", "appid": "wx1", "pagepath": "p?id={{ m }}", "thumb_media_id": "T"},
            {
                "msgtype": "miniprogrampage",
                "miniprogrampage": {
                    "title": "小满", "appid": "wx1", "pagepath": "p?id=M1", "thumb_media_id": "T",
                },
            },
            "小满\n[小程序] p?id=M1",
        ),
        (
            MENU,
            {"head": "{{ name }}，好吗", "items": [ITEM, {"id": "b", "content": "不"}]},
            {
                "msgtype": "msgmenu",
                "msgmenu": {
                    "head_content": "小满，好吗",
                    "list": [{"id": "a", "content": "好"}, {"id": "b", "content": "不"}],
                },
            },
            "小满，好吗\n· 好\n· 不",
        ),
    ],
)  # fmt: skip
def test_what_they_become(
    kind: MessageKind, content: dict[str, Any], payload: dict[str, Any], preview: str
) -> None:
    rendered = render(kind, content, {"name": "小满", "m": "M1"}, ZONE)

    assert isinstance(rendered, Rendered)
    assert (rendered.payload, rendered.preview) == (payload, preview)
    assert read_custom_message("o1", payload).touser == "o1"  # The wire takes it as it is.


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        (
            IMAGE,
            {"media_id": "{% if no %}x{% endif %}"},
            Unrenderable(RefusalReason.CONTENT_EMPTY, "media_id"),
        ),
        (NEWS, {"title": " ", "url": "u"}, Unrenderable(RefusalReason.CONTENT_EMPTY, "title")),
        (NEWS, {"title": "长" * 700, "url": "u"}, Unrenderable(RefusalReason.CONTENT_TOO_LONG, "title")),
        (
            MENU,
            {"head": "h", "items": [{"id": "a", "content": " "}]},
            Unrenderable(RefusalReason.CONTENT_EMPTY, "items.a"),
        ),
        (
            MENU,
            {"head": "长" * 600, "items": [{"id": "a", "content": "长" * 100}]},
            Unrenderable(RefusalReason.CONTENT_TOO_LONG, "items"),
        ),
    ],
)
def test_what_cannot_be_sent_is_refused(
    kind: MessageKind, content: dict[str, Any], problem: Unrenderable
) -> None:
    assert render(kind, content, {}, ZONE) == problem
