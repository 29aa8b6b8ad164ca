"""What a customer-service message may contain, by its type."""

from collections.abc import Callable
from typing import Any

from wechat_sandbox.accounts import AccountKind
from wechat_sandbox.endpoints.registry import Call
from wechat_sandbox.state.linked import Linked
from wechat_sandbox.state.media import Media, MediaKind
from wechat_sandbox.state.news import NewsKind, NewsShelf
from wechat_sandbox.state.publishing import Publications
from wechat_sandbox.wire.errors import PlatformError

TEXT_BYTES_MAX = 2048
Branch = dict[str, Any]
_MINI_PROGRAM_TYPES = frozenset({"text", "image", "link", "miniprogrampage"})
_THUMBS = (MediaKind.THUMB, MediaKind.IMAGE)


def read_custom(call: Call, kind: str) -> Branch:
    """Return the branch of a message after checking it.

    Raises:
        PlatformError: 40008 no such type, 44003 / 44004 empty, 45002 too long, 45008 too many articles,
            40007 no such file, 53600 no such article, 47001 wrong shape.
    """
    mini = call.account.kind is AccountKind.MINI_PROGRAM
    reader = _READERS.get(kind)
    if reader is None or (kind not in _MINI_PROGRAM_TYPES if mini else kind == "link"):
        raise PlatformError(40008)
    branch = call.body.get(kind)
    if not isinstance(branch, dict):
        raise PlatformError(44004)
    reader(call, branch)
    return branch


def _check_text(call: Call, branch: Branch) -> None:
    content = branch.get("content")
    if not isinstance(content, str) or not content:
        raise PlatformError(44004)
    if len(content.encode()) > TEXT_BYTES_MAX:
        raise PlatformError(45002)


def _check_image(call: Call, branch: Branch) -> None:
    _file(call, branch, "media_id", MediaKind.IMAGE)


def _check_voice(call: Call, branch: Branch) -> None:
    _file(call, branch, "media_id", MediaKind.VOICE)


def _check_video(call: Call, branch: Branch) -> None:
    _file(call, branch, "media_id", MediaKind.VIDEO)
    if branch.get("thumb_media_id"):
        _file(call, branch, "thumb_media_id", *_THUMBS)


def _check_music(call: Call, branch: Branch) -> None:
    if not branch.get("musicurl"):
        raise PlatformError(40035)
    _file(call, branch, "thumb_media_id", *_THUMBS)


def _check_news(call: Call, branch: Branch) -> None:
    articles = branch.get("articles")
    if not isinstance(articles, list) or not articles:
        raise PlatformError(44003)
    if len(articles) > 1:
        raise PlatformError(45008)
    if not isinstance(articles[0], dict) or not articles[0].get("title"):
        raise PlatformError(47001)


def _check_mpnews(call: Call, branch: Branch) -> None:
    media_id = str(branch.get("media_id", ""))
    shelves = (NewsShelf(call.world, call.account, kind) for kind in NewsKind)
    if not any(shelf.find(media_id) for shelf in shelves):
        raise PlatformError(40007)


def _check_article(call: Call, branch: Branch) -> None:
    article_id = str(branch.get("article_id", ""))
    if not Publications(call.world, call.account).get_article(article_id).visible():
        raise PlatformError(53600)


def _check_menu(call: Call, branch: Branch) -> None:
    items = branch.get("list")
    if not isinstance(items, list) or not items:
        raise PlatformError(47001)
    if not all(isinstance(item, dict) and item.get("id") and item.get("content") for item in items):
        raise PlatformError(47001)


def _check_card(call: Call, branch: Branch) -> None:
    if not isinstance(branch.get("card_id"), str) or not branch["card_id"]:
        raise PlatformError(40035)


def _check_mini_program(call: Call, branch: Branch) -> None:
    _file(call, branch, "thumb_media_id", *_THUMBS)
    if not branch.get("pagepath") or not branch.get("title"):
        raise PlatformError(40035)
    if call.account.kind is AccountKind.MINI_PROGRAM:
        return
    if not Linked(call.world, call.account).has(str(branch.get("appid", ""))):
        raise PlatformError(40013)


def _check_link(call: Call, branch: Branch) -> None:
    if not branch.get("title") or not branch.get("url"):
        raise PlatformError(40035)


def _file(call: Call, branch: Branch, name: str, *kinds: MediaKind) -> None:
    Media(call.world, call.account).get(str(branch.get(name, "")), call.at, *kinds)


_READERS: dict[str, Callable[[Call, Branch], None]] = {
    "text": _check_text,
    "image": _check_image,
    "voice": _check_voice,
    "video": _check_video,
    "music": _check_music,
    "news": _check_news,
    "mpnews": _check_mpnews,
    "mpnewsarticle": _check_article,
    "msgmenu": _check_menu,
    "wxcard": _check_card,
    "miniprogrampage": _check_mini_program,
    "link": _check_link,
}
