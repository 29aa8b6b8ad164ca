"""Articles: drafts, news in the library, and news uploaded for one mass message."""

import re
import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.media import Media, MediaKind
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

ARTICLES_MAX = 8
PICTURES_MAX = 20
DIGEST_DEFAULT_CHARS = 54
_SCRIPT = re.compile(r"<script\b.*?(</script\s*>|$)", re.IGNORECASE | re.DOTALL)
_HANDLER = re.compile(r"\son\w+\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


class NewsKind(StrEnum):
    """Where a set of articles lies."""

    DRAFT = "draft"
    MATERIAL = "news_material"  # ``material/add_news``, replaced by drafts.
    UPLOADED = "news_upload"  # ``media/uploadnews``


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article with the platform's own field names."""

    title: str
    content: str = ""
    author: str = ""
    digest: str = ""
    content_source_url: str = ""
    thumb_media_id: str = ""
    thumb_url: str = ""
    show_cover_pic: int = 0
    need_open_comment: int = 0
    only_fans_can_comment: int = 0
    article_type: str = "news"
    extra: dict[str, Any] = field(default_factory=dict)  # Crops, pictures and products, as given.

    def as_item(self, url: str) -> dict[str, object]:
        """Return the article as ``news_item`` carries it."""
        return {
            "article_type": self.article_type,
            "title": self.title,
            "author": self.author,
            "digest": self.digest,
            "content": self.content,
            "content_source_url": self.content_source_url,
            "thumb_media_id": self.thumb_media_id,
            "thumb_url": self.thumb_url,
            "show_cover_pic": self.show_cover_pic,
            "need_open_comment": self.need_open_comment,
            "only_fans_can_comment": self.only_fans_can_comment,
            "url": url,
            **self.extra,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A set of articles; instants in virtual epoch seconds."""

    media_id: str
    articles: tuple[Article, ...]
    create_time: int
    update_time: int

    def as_items(self, world: Core) -> list[dict[str, object]]:
        address = f"{world.public_url}/s/preview-{self.media_id}"
        return [one.as_item(f"{address}-{ordinal}") for ordinal, one in enumerate(self.articles, 1)]


class NewsShelf:
    """The news of one account at one place."""

    def __init__(self, world: Core, account: Account, kind: NewsKind) -> None:
        self._world = world
        self._appid = account.appid
        self._shelf = Shelf(world.store, kind.value, News)
        self.reader = ArticleReader(world, account)

    def add(self, given: object, at: float) -> News:
        """Keep a checked set of articles (see :class:`ArticleReader` for the refusals)."""
        articles = self.reader.read_all(given)
        news = News(
            media_id=secrets.token_urlsafe(48),
            articles=articles,
            create_time=int(at),
            update_time=int(at),
        )
        self._shelf.put(self._appid, news.media_id, news)
        return news

    def find(self, media_id: str) -> News | None:
        return self._shelf.find(self._appid, media_id)

    def get(self, media_id: str) -> News:
        """Return news, or raise 40007."""
        news = self.find(media_id)
        if news is None:
            raise PlatformError(40007)
        return news

    def update(self, media_id: str, index: int, given: object, at: float) -> None:
        """Replace one article (40007, 40114)."""
        news = self.get(media_id)
        if not 0 <= index < len(news.articles):
            raise PlatformError(40114)
        articles = list(news.articles)
        articles[index] = self.reader.read(given, alone=len(articles) == 1)
        changed = replace(news, articles=tuple(articles), update_time=int(at))
        self._shelf.put(self._appid, media_id, changed)

    def drop(self, media_id: str) -> None:
        if not self._shelf.drop(self._appid, media_id):
            raise PlatformError(40007)

    def discard(self, media_id: str) -> None:
        """Remove news that may already be gone."""
        self._shelf.drop(self._appid, media_id)

    def count(self) -> int:
        return self._shelf.count(self._appid)

    def page(self, *, offset: int, count: int) -> list[News]:
        return [news for _, news in self._shelf.page(self._appid, offset=offset, count=count)]


class ArticleReader:
    """Checks articles as they come over the wire."""

    def __init__(self, world: Core, account: Account) -> None:
        self._media = Media(world, account)
        self._own_pictures = (f"{world.public_url}/mmbiz_", "http://mmbiz.qpic.cn/", "https://mmbiz.qpic.cn/")

    def read_all(self, given: object) -> tuple[Article, ...]:
        """Return all articles of a set.

        Raises:
            PlatformError: 44003 none, 45008 more than eight, and what :meth:`read` raises.
        """
        if not isinstance(given, list) or not given:
            raise PlatformError(44003)
        if len(given) > ARTICLES_MAX:
            raise PlatformError(45008)
        return tuple(self.read(one, alone=len(given) == 1) for one in given)

    def read(self, given: object, *, alone: bool) -> Article:
        """Return one article.

        Raises:
            PlatformError: 45003 title, 45110 author, 45004 digest, 45002 content, 41039 source address,
                40007 cover or picture, 47001 wrong shape.
        """
        if not isinstance(given, dict):
            raise PlatformError(47001)
        article_type = _text(given, "article_type", 16, 47001) or "news"
        if article_type not in ("news", "newspic"):
            raise PlatformError(40035)
        title = _text(given, "title", 32, 45003)
        if not title:
            raise PlatformError(45003)
        content = self._clean(_text(given, "content", 19_999, 45002))
        digest = _text(given, "digest", 128, 45004)
        cover = self._cover(given, article_type)
        return Article(
            title=title,
            content=content,
            author=_text(given, "author", 16, 45110),
            digest=digest or (_TAG.sub("", content)[:DIGEST_DEFAULT_CHARS] if alone else ""),
            content_source_url=_text(given, "content_source_url", 1024, 41039),
            thumb_media_id=cover[0],
            thumb_url=cover[1],
            show_cover_pic=_flag(given, "show_cover_pic"),
            need_open_comment=_flag(given, "need_open_comment"),
            only_fans_can_comment=_flag(given, "only_fans_can_comment"),
            article_type=article_type,
            extra={name: given[name] for name in _EXTRA if name in given},
        )

    def _clean(self, content: str) -> str:
        if not content:
            raise PlatformError(44004)
        bare = _HANDLER.sub("", _SCRIPT.sub("", content))
        return _IMAGE.sub(lambda found: found[0] if found[1].startswith(self._own_pictures) else "", bare)

    def _cover(self, given: dict[str, Any], article_type: str) -> tuple[str, str]:
        """Return media id and address of the cover: a permanent image, of picture posts the first one."""
        if article_type == "newspic":
            pictures = self._pictures(given)
            return pictures[0]
        media_id = _text(given, "thumb_media_id", 128, 40007)
        file = self._media.get_permanent(media_id, MediaKind.IMAGE, MediaKind.THUMB)
        return file.media_id, file.url

    def _pictures(self, given: dict[str, Any]) -> list[tuple[str, str]]:
        info = given.get("image_info")
        listed = info.get("image_list") if isinstance(info, dict) else None
        if not isinstance(listed, list) or not 1 <= len(listed) <= PICTURES_MAX:
            raise PlatformError(45008)
        if not all(isinstance(one, dict) for one in listed):
            raise PlatformError(47001)
        ids = [str(one.get("image_media_id", "")) for one in listed]
        files = [self._media.get_permanent(media_id, MediaKind.IMAGE) for media_id in ids]
        return [(file.media_id, file.url) for file in files]


_EXTRA = ("pic_crop_235_1", "pic_crop_1_1", "image_info", "cover_info", "product_info")


def _text(given: dict[str, Any], name: str, most: int, code: int) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise PlatformError(47001)
    if len(value) > most:
        raise PlatformError(code)
    return value


def _flag(given: dict[str, Any], name: str) -> int:
    value = given.get(name, 0)
    if value in (0, 1, "0", "1"):
        return int(value)
    raise PlatformError(40035)
