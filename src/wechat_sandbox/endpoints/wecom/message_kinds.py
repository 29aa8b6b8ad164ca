"""What a message of an app may hold, kind by kind. Source: official page 90236."""

from collections.abc import Callable
from typing import Any

from wechat_sandbox.endpoints.wecom.registry import CorpCall, read_text
from wechat_sandbox.state.wecom.media import CorpMedia
from wechat_sandbox.wire.errors import PlatformError

ARTICLES_MAX = 8
_CARD_TYPES = frozenset(
    {"text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction"}
)
Body = dict[str, Any]
Reader = Callable[[CorpCall, Body], Body]


def read_message(call: CorpCall) -> tuple[str, Body]:
    """Return the kind and the checked content of a message.

    Raises:
        PlatformError: 40008 no such kind, 44004 nothing in it, 40058 a field, 40007 a file.
    """
    kind = call.text("msgtype", missing=40008)
    reader = _READERS.get(kind)
    if reader is None:
        raise PlatformError(40008)
    inside = call.body.get(kind)
    if not isinstance(inside, dict) or not inside:
        raise PlatformError(44004)
    return kind, reader(call, inside)


def _text(call: CorpCall, inside: Body) -> Body:
    return {"content": read_text(inside, "content", missing=44004, bytes_most=2048, invalid=45002)}


def _file(*kinds: str) -> Reader:
    def read(call: CorpCall, inside: Body) -> Body:
        media_id = read_text(inside, "media_id", missing=41006)
        CorpMedia(call.world, call.corp).get(media_id, call.at, *kinds)
        return {"media_id": media_id}

    return read


def _video(call: CorpCall, inside: Body) -> Body:
    body = _file("video")(call, inside)
    body["title"] = read_text(inside, "title", bytes_most=128)
    body["description"] = read_text(inside, "description", bytes_most=512)
    return body


def _textcard(call: CorpCall, inside: Body) -> Body:
    return {
        "title": read_text(inside, "title", missing=40058, most=128),
        "description": read_text(inside, "description", missing=40058, most=512),
        "url": read_text(inside, "url", missing=41010, bytes_most=2048),
        "btntxt": read_text(inside, "btntxt", most=4) or "详情",
    }


def _news(call: CorpCall, inside: Body) -> Body:
    rows = []
    for article in _articles(inside):
        row = {
            "title": read_text(article, "title", missing=40058, bytes_most=128),
            "description": read_text(article, "description", bytes_most=512),
            "url": read_text(article, "url", bytes_most=2048),
            "picurl": read_text(article, "picurl", bytes_most=2048),
            "appid": read_text(article, "appid"),
            "pagepath": read_text(article, "pagepath"),
        }
        if not row["url"] and not row["appid"]:
            raise PlatformError(41010)
        rows.append(row)
    return {"articles": rows}


def _mpnews(call: CorpCall, inside: Body) -> Body:
    rows = []
    for article in _articles(inside):
        media_id = read_text(article, "thumb_media_id", missing=41006)
        CorpMedia(call.world, call.corp).get(media_id, call.at, "image")
        rows.append(
            {
                "title": read_text(article, "title", missing=40058, bytes_most=128),
                "thumb_media_id": media_id,
                "author": read_text(article, "author", bytes_most=64),
                "content_source_url": read_text(article, "content_source_url", bytes_most=2048),
                "content": read_text(article, "content", missing=44004, bytes_most=666 * 1024, invalid=45002),
                "digest": read_text(article, "digest", bytes_most=512),
            }
        )
    return {"articles": rows}


def _articles(inside: Body) -> list[Body]:
    articles = inside.get("articles")
    if not isinstance(articles, list) or not articles:
        raise PlatformError(44004)
    if len(articles) > ARTICLES_MAX:
        raise PlatformError(45008)
    if not all(isinstance(article, dict) for article in articles):
        raise PlatformError(40058, "articles")
    return articles


def _mini_program(call: CorpCall, inside: Body) -> Body:
    title = read_text(inside, "title", missing=40058, most=12)
    description = read_text(inside, "description", most=12)
    if len(title) < 4 or (description and len(description) < 4):
        raise PlatformError(40058, "title and description have four to twelve characters")
    items = inside.get("content_item") or []
    if not isinstance(items, list) or len(items) > 10 or not all(isinstance(item, dict) for item in items):
        raise PlatformError(40058, "content_item")
    rows = [
        {
            "key": read_text(item, "key", missing=40058, most=10),
            "value": read_text(item, "value", missing=40058, most=30),
        }
        for item in items
    ]
    return {
        "appid": read_text(inside, "appid", missing=40058),
        "page": read_text(inside, "page"),
        "title": title,
        "description": description,
        "emphasis_first_item": bool(inside.get("emphasis_first_item")),
        "content_item": rows,
    }


def _card(call: CorpCall, inside: Body) -> Body:
    kind = read_text(inside, "card_type", missing=40058)
    if kind not in _CARD_TYPES:
        raise PlatformError(40058, "card_type")
    if kind not in ("text_notice", "news_notice"):
        read_text(inside, "task_id", missing=40058, bytes_most=128)
    title = inside.get("main_title")
    if title is not None and not isinstance(title, dict):
        raise PlatformError(40058, "main_title")
    return inside


_READERS: dict[str, Reader] = {
    "text": _text,
    "image": _file("image"),
    "voice": _file("voice"),
    "file": _file("file"),
    "video": _video,
    "textcard": _textcard,
    "news": _news,
    "mpnews": _mpnews,
    "markdown": _text,
    "miniprogram_notice": _mini_program,
    "template_card": _card,
}
