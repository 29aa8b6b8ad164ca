"""The library of permanent files, and news as they were before drafts."""

from collections.abc import Mapping

import msgspec

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.media import file_reply, read_kind
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, Reply
from wechat_sandbox.state.media import Media, MediaFile, MediaKind, check_file
from wechat_sandbox.state.menus import Menus
from wechat_sandbox.state.news import News, NewsKind, NewsShelf
from wechat_sandbox.wire.errors import PlatformError

PAGE_MAX = 20


@REGISTRY.post("/cgi-bin/material/add_material", kinds=OFFICIAL)
def add_material(call: Call) -> Mapping[str, object]:
    """Keep a file for good; a video brings its title in the part ``description``."""
    kind = read_kind(call)
    part = call.upload()
    check_file(kind, part.content, permanent=True)
    title, introduction = _read_description(call) if kind is MediaKind.VIDEO else ("", "")
    file = Media(call.world, call.account).add(
        kind,
        part.content,
        call.at,
        name=part.filename,
        permanent=True,
        title=title,
        introduction=introduction,
    )
    answer: dict[str, object] = {"media_id": file.media_id, "item": []}
    return answer | ({"url": file.url} if kind in (MediaKind.IMAGE, MediaKind.THUMB) else {})


@REGISTRY.post("/cgi-bin/material/get_material", kinds=OFFICIAL)
def get_material(call: Call) -> Mapping[str, object] | Reply:
    media, media_id = Media(call.world, call.account), call.text("media_id")
    news = _library(call).find(media_id)
    if news is not None:
        return {
            "news_item": news.as_items(call.world),
            "create_time": news.create_time,
            "update_time": news.update_time,
        }
    file = media.get_permanent(media_id)
    if file.kind is MediaKind.VIDEO:
        return {"title": file.title, "description": file.introduction, "down_url": file.url}
    return file_reply(file, media.read(file))


@REGISTRY.post("/cgi-bin/material/del_material", kinds=OFFICIAL)
def delete_material(call: Call) -> Mapping[str, object]:
    """Remove a file for good; one a menu shows stays (48005)."""
    media_id = call.text("media_id")
    if Menus(call.world, call.account).shows_media(media_id):
        raise PlatformError(48005)
    if _library(call).find(media_id) is not None:
        _library(call).drop(media_id)
        return OK
    media = Media(call.world, call.account)
    media.drop(media.get_permanent(media_id))
    return OK


@REGISTRY.get("/cgi-bin/material/get_materialcount", kinds=OFFICIAL)
def count_materials(call: Call) -> Mapping[str, object]:
    media = Media(call.world, call.account)
    return {
        "voice_count": media.count(MediaKind.VOICE),
        "video_count": media.count(MediaKind.VIDEO),
        "image_count": media.count(MediaKind.IMAGE),
        "news_count": _library(call).count(),
    }


@REGISTRY.post("/cgi-bin/material/batchget_material", kinds=OFFICIAL)
def list_materials(call: Call) -> Mapping[str, object]:
    kind = call.text("type")
    offset, count = read_page(call)
    if kind == "news":
        news = [_news_item(call, one) for one in _library(call).page(offset=offset, count=count)]
        return _listed(_library(call).count(), news)
    if kind not in (MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.VOICE):
        raise PlatformError(40004)
    media = Media(call.world, call.account)
    files = media.page(MediaKind(kind), offset=offset, count=count)
    return _listed(media.count(MediaKind(kind)), [_file_item(one) for one in files])


@REGISTRY.post("/cgi-bin/material/add_news", kinds=OFFICIAL, utf8_only=True)
def add_news(call: Call) -> Mapping[str, object]:
    return {"media_id": _library(call).add(call.body.get("articles"), call.at).media_id}


@REGISTRY.post("/cgi-bin/material/update_news", kinds=OFFICIAL, utf8_only=True)
def update_news(call: Call) -> Mapping[str, object]:
    given = call.body.get("articles")
    article = given[0] if isinstance(given, list) and given else given
    _library(call).update(call.text("media_id"), call.number("index", 0), article, call.at)
    return OK


@REGISTRY.post("/cgi-bin/media/uploadnews", kinds=OFFICIAL, utf8_only=True)
def upload_news(call: Call) -> Mapping[str, object]:
    """Keep articles for a mass message."""
    shelf = NewsShelf(call.world, call.account, NewsKind.UPLOADED)
    news = shelf.add(call.body.get("articles"), call.at)
    return {"type": "news", "media_id": news.media_id, "created_at": news.create_time}


@REGISTRY.post("/cgi-bin/media/uploadvideo", kinds=OFFICIAL, utf8_only=True)
def upload_video(call: Call) -> Mapping[str, object]:
    """Give a video the title it has in a mass message; the answer is its new media id."""
    media = Media(call.world, call.account)
    file = media.get(call.text("media_id"), call.at, MediaKind.VIDEO)
    titled = media.add(
        MediaKind.VIDEO,
        media.read(file),
        call.at,
        name=file.name,
        permanent=False,
        title=call.text("title"),
        introduction=call.text("description"),
    )
    return {"type": "video", "media_id": titled.media_id, "created_at": int(call.at)}


def read_page(call: Call) -> tuple[int, int]:
    """Return ``offset`` and ``count`` of a list (40097 when count is not 1 to 20)."""
    offset, count = call.number("offset", 0), call.number("count", PAGE_MAX)
    if offset < 0 or not 1 <= count <= PAGE_MAX:
        raise PlatformError(40097)
    return offset, count


def _read_description(call: Call) -> tuple[str, str]:
    try:
        read = msgspec.json.decode(call.form.texts.get("description", ""))
        return str(read["title"]), str(read.get("introduction", ""))
    except (msgspec.DecodeError, KeyError, AttributeError, TypeError) as error:
        raise PlatformError(47001) from error


def _library(call: Call) -> NewsShelf:
    return NewsShelf(call.world, call.account, NewsKind.MATERIAL)


def _listed(total: int, items: list[dict[str, object]]) -> Mapping[str, object]:
    return {"total_count": total, "item_count": len(items), "item": items}


def _file_item(file: MediaFile) -> dict[str, object]:
    return {
        "media_id": file.media_id,
        "name": file.name,
        "update_time": int(file.created_at),
        "url": file.url,
    }


def _news_item(call: Call, news: News) -> dict[str, object]:
    content = {
        "news_item": news.as_items(call.world),
        "create_time": news.create_time,
        "update_time": news.update_time,
    }
    return {"media_id": news.media_id, "content": content, "update_time": news.update_time}
