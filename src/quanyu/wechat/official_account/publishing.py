"""Publishing drafts: they get a lasting address, and nobody is notified.

Accepted is not published: the outcome comes with PUBLISHJOBFINISH, or is asked for by ``STATE``.
Source: developers.weixin.qq.com, 发布能力 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Flag, Part, Request
from quanyu.wechat.official_account.drafts import ArticleInfo, ArticleList


class SubmitRequest(Request, frozen=True):
    media_id: str  # Of a draft.


class Submitted(Answer, frozen=True):
    publish_id: int
    msg_data_id: int = 0


class StateRequest(Request, frozen=True):
    publish_id: int


class PublishedItem(Part, frozen=True):
    idx: int = 0  # From 1.
    article_url: str = ""


class PublishedItems(Part, frozen=True):
    count: int = 0
    item: tuple[PublishedItem, ...] = ()


class StateAnswer(Answer, frozen=True):
    """0 published, 1 publishing, 2 not original, 3 failed, 4 rejected, 5 deleted since, 6 banned since."""

    publish_id: int
    publish_status: int
    article_id: str = ""
    article_detail: PublishedItems = PublishedItems()
    fail_idx: tuple[int, ...] = ()


class DeleteRequest(Request, frozen=True):
    article_id: str
    index: int = 0  # From 1; 0 means all.


class ArticleRequest(Request, frozen=True):
    article_id: str


class PublishedArticle(ArticleInfo, frozen=True):
    is_delete: bool = False  # How some answers spell ``is_deleted``.

    @property
    def is_gone(self) -> bool:
        """Whether the article was deleted."""
        return self.is_deleted or self.is_delete


class ArticleAnswer(Answer, frozen=True):
    news_item: tuple[PublishedArticle, ...] = ()


class ListRequest(Request, frozen=True):
    offset: int
    count: int  # 1 to 20.
    no_content: Flag = 0


class Publication(Part, frozen=True):
    article_id: str
    content: ArticleList = ArticleList()
    update_time: int = 0  # Unix seconds.


class ListAnswer(Answer, frozen=True):
    total_count: int = 0
    item_count: int = 0
    item: tuple[Publication, ...] = ()


SUBMIT: Final = Call("POST", "/cgi-bin/freepublish/submit", SubmitRequest, Submitted)
STATE: Final = Call("POST", "/cgi-bin/freepublish/get", StateRequest, StateAnswer, repeatable=True)
DELETE: Final = Call("POST", "/cgi-bin/freepublish/delete", DeleteRequest, Done)
ARTICLE: Final = Call(
    "POST", "/cgi-bin/freepublish/getarticle", ArticleRequest, ArticleAnswer, repeatable=True
)
LIST: Final = Call("POST", "/cgi-bin/freepublish/batchget", ListRequest, ListAnswer, repeatable=True)
