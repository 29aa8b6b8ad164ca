"""Published articles: jobs of publishing, addresses, comments boxes and what mass messages carry."""

import hashlib
from dataclasses import dataclass, replace

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.jobs import finishes, start_job
from wechat_sandbox.state.news import Article, News, NewsKind, NewsShelf
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

SUCCESS, PUBLISHING, ALL_DELETED = 0, 1, 5
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A set of articles that was published or mass sent."""

    publish_id: str
    msg_data_id: int
    article_id: str
    media_id: str
    articles: tuple[Article, ...]
    status: int
    at: float
    notified: bool = False  # Sent to followers by a mass message.
    deleted: tuple[int, ...] = ()  # Indices from 1.
    fail_idx: tuple[int, ...] = ()

    def ref(self, index: int) -> str:
        """Return the name statistics have for an article, ``msgid``: ``<msg_data_id>_<index>``."""
        return f"{self.msg_data_id}_{index}"

    def url(self, world: Core, index: int) -> str:
        return f"{world.public_url}/s/{_page_key(self.article_id, index)}"

    def visible(self) -> list[int]:
        """Return the indices of articles that can still be read."""
        if self.status != SUCCESS:
            return []
        return [index for index in range(1, len(self.articles) + 1) if index not in self.deleted]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOf:
    """Which article a page shows."""

    appid: str
    article_id: str
    index: int


class Publications:
    """The published articles of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._by_publish_id = Shelf(world.store, "publication", Publication)
        self._by_article_id = Shelf(world.store, "article", str)
        self._pages = Shelf(world.store, "page", PageOf)

    def submit(self, news: News, at: float) -> Publication:
        """Begin to publish a draft; the end is reported by PUBLISHJOBFINISH."""
        publication = self._make(news, at, status=PUBLISHING, notified=False)
        start_job(self._world, self._account, "publish", publication.publish_id)
        return publication

    def send(self, news: News, at: float) -> Publication:
        """Publish articles by a mass message, at once."""
        publication = self._make(news, at, status=SUCCESS, notified=True)
        self._open(publication)
        return publication

    def get(self, publish_id: str) -> Publication:
        """Return a publication, or raise 53502."""
        found = self._by_publish_id.find(self._account.appid, publish_id)
        if found is None:
            raise PlatformError(53502)
        return found

    def get_article(self, article_id: str) -> Publication:
        """Return a publication by article id, or raise 53600."""
        publish_id = self._by_article_id.find(self._account.appid, article_id)
        if publish_id is None:
            raise PlatformError(53600)
        return self.get(publish_id)

    def find_by_data_id(self, msg_data_id: int) -> Publication | None:
        values = self._by_publish_id.values(self._account.appid)
        return next((one for one in values if one.msg_data_id == msg_data_id), None)

    def find_page(self, key: str) -> tuple[Publication, int] | None:
        """Return what a page of ``/s/`` shows, of any account."""
        page = self._pages.find(EVERYWHERE, key)
        if page is None:
            return None
        owner = Publications(self._world, self._world.get_account(page.appid))
        return owner.get_article(page.article_id), page.index

    def all(self) -> list[Publication]:
        return self._by_publish_id.values(self._account.appid)

    def listed(self) -> list[Publication]:
        """Return what was published without notice and can be read, newest first."""
        return [one for one in reversed(self.all()) if not one.notified and one.status == SUCCESS]

    def delete(self, publication: Publication, index: int) -> Publication:
        """Take one article back, or all of them with index 0 (40114 for one that is not there)."""
        count = len(publication.articles)
        if not 0 <= index <= count:
            raise PlatformError(40114)
        gone = set(range(1, count + 1)) if index == 0 else {*publication.deleted, index}
        status = ALL_DELETED if len(gone) == count else publication.status
        changed = replace(publication, deleted=tuple(sorted(gone)), status=status)
        self._save(changed)
        return changed

    def finish(self, publish_id: str) -> None:
        """End a publishing job: succeed, or fail as the next outcome that was set for it."""
        publication = self.get(publish_id)
        outcome = take_outcome(self._world, self._account, "publish")
        status = int(outcome or SUCCESS)
        failed = () if status == SUCCESS else tuple(range(1, len(publication.articles) + 1))
        publication = replace(publication, status=status, fail_idx=failed)
        self._save(publication)
        if status == SUCCESS:
            self._open(publication)
            NewsShelf(self._world, self._account, NewsKind.DRAFT).discard(publication.media_id)
        info = self._event_info(publication)
        self._world.emit_for_account(
            self._account, "PUBLISHJOBFINISH", self._world.now(), {"PublishEventInfo": info}
        )

    def detail(self, publication: Publication) -> list[dict[str, XmlValue]]:
        return [
            {"idx": index, "article_url": publication.url(self._world, index)}
            for index in range(1, len(publication.articles) + 1)
        ]

    def _event_info(self, publication: Publication) -> dict[str, XmlValue]:
        info: dict[str, XmlValue] = {
            "publish_id": publication.publish_id,
            "publish_status": publication.status,
        }
        if publication.status != SUCCESS:
            return info | {"fail_idx": list(publication.fail_idx)}
        items = self.detail(publication)
        return info | {
            "article_id": publication.article_id,
            "article_detail": {"count": len(items), "item": list(items)},
        }

    def _make(self, news: News, at: float, *, status: int, notified: bool) -> Publication:
        publish_id = str(self._number())
        digest = hashlib.sha256(f"{self._account.appid}:{publish_id}:{self._world.seed}".encode())
        return self._save(
            Publication(
                publish_id=publish_id,
                msg_data_id=self._number(),
                article_id=digest.hexdigest()[:43],
                media_id=news.media_id,
                articles=news.articles,
                status=status,
                at=at,
                notified=notified,
            )
        )

    def _save(self, publication: Publication) -> Publication:
        self._by_publish_id.put(self._account.appid, publication.publish_id, publication)
        return publication

    def _open(self, publication: Publication) -> None:
        self._by_article_id.put(self._account.appid, publication.article_id, publication.publish_id)
        for index in range(1, len(publication.articles) + 1):
            page = PageOf(appid=self._account.appid, article_id=publication.article_id, index=index)
            self._pages.put(EVERYWHERE, _page_key(publication.article_id, index), page)

    def _number(self) -> int:
        """Return a rising number of ten digits, as publish and message data ids have."""
        following = int(self._world.store.read_meta("last_data_id") or 2_247_483_000) + 1
        self._world.store.write_meta("last_data_id", following)
        return following


@finishes("publish")
def _finish_publishing(world: Core, account: Account, publish_id: str) -> None:
    Publications(world, account).finish(publish_id)


def set_outcome(world: Core, account: Account, kind: str, outcome: str) -> None:
    """Decide how the next job of a kind ends; used up by it."""
    Shelf(world.store, "outcome", str).put(account.appid, kind, outcome)


def take_outcome(world: Core, account: Account, kind: str) -> str | None:
    shelf = Shelf(world.store, "outcome", str)
    outcome = shelf.find(account.appid, kind)
    if outcome is not None:
        shelf.drop(account.appid, kind)
    return outcome


def _page_key(article_id: str, index: int) -> str:
    return hashlib.sha256(f"page:{article_id}:{index}".encode()).hexdigest()[:22]
