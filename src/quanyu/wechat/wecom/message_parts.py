"""What messages to members and to the app's group chats are made of: one part per ``msgtype``.

Source: developer.work.weixin.qq.com, 发送应用消息 (path 90236) and 应用推送消息 to group chats (90248);
read 2026.
"""

from quanyu.wechat.calls import Part


class Text(Part, frozen=True):
    content: str  # At most 2,048 bytes; links allowed.


class Media(Part, frozen=True):
    media_id: str


class Video(Part, frozen=True, kw_only=True):
    media_id: str
    title: str = ""  # At most 128 bytes.
    description: str = ""  # At most 512 bytes.


class TextCard(Part, frozen=True, kw_only=True):
    title: str  # At most 128 signs.
    description: str  # At most 512 signs.
    url: str  # At most 2,048 bytes.
    btntxt: str = ""  # At most 4 signs.


class Article(Part, frozen=True, kw_only=True):
    title: str  # At most 128 bytes.
    description: str = ""
    url: str = ""
    picurl: str = ""
    appid: str = ""  # A mini program instead of ``url``.
    pagepath: str = ""


class News(Part, frozen=True):
    articles: tuple[Article, ...]  # 1 to 8.


class StoredArticle(Part, frozen=True, kw_only=True):
    title: str
    thumb_media_id: str
    content: str  # At most 666 KB, HTML.
    author: str = ""
    content_source_url: str = ""
    digest: str = ""


class StoredNews(Part, frozen=True):
    articles: tuple[StoredArticle, ...]  # 1 to 8.


class Markdown(Part, frozen=True):
    content: str  # At most 2,048 bytes.


class NoticeItem(Part, frozen=True):
    key: str  # At most 10 signs.
    value: str  # At most 30 signs.


class MiniProgramNotice(Part, frozen=True, kw_only=True):
    appid: str
    title: str  # 4 to 12 signs.
    page: str = ""
    description: str = ""  # 4 to 12 signs.
    emphasis_first_item: bool = False
    content_item: tuple[NoticeItem, ...] = ()  # At most 10.
