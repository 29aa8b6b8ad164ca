"""Mass messages: accepted at once, sent by a job, reported by MASSSENDJOBFINISH."""

from dataclasses import dataclass, field, replace
from typing import Any

from wechat_sandbox.accounts import Account, AccountKind
from wechat_sandbox.clock import DAY_S, china_day
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.jobs import finishes, start_job
from wechat_sandbox.state.news import News, NewsKind, NewsShelf
from wechat_sandbox.state.publishing import Publication, Publications, take_outcome
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

PER_PERSON_AND_MONTH = 4
CALLS_PER_DAY = {AccountKind.SERVICE: 100, AccountKind.SUBSCRIPTION: 1}
CALLS_PER_MINUTE = 60
CLIENT_KEY_LASTS_S = DAY_S
SENDING, SUCCESS, FAIL, DELETED = "SENDING", "SEND_SUCCESS", "SEND_FAIL", "DELETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class MassMessage:
    """One mass message."""

    msg_id: int
    kind: str
    content: dict[str, Any]
    people: tuple[int, ...]  # Whom it is for, before filtering.
    at: float
    status: str = SENDING
    publish_id: str = ""  # The articles it carries.
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A ``clientmsgid`` and what it led to."""

    msg_id: int
    at: float


class MassMessages:
    """The mass messages of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._appid = account.appid
        self._messages = Shelf(world.store, "mass", MassMessage)
        self._keys = Shelf(world.store, "mass_key", ClientKey)
        self._used = Shelf(world.store, "mass_used", int)
        self._publications = Publications(world, account)

    def find_earlier(self, client_key: str, at: float) -> int | None:
        """Return the msg_id a ``clientmsgid`` led to within a day."""
        known = self._keys.find(self._appid, client_key)
        return known.msg_id if known is not None and at - known.at < CLIENT_KEY_LASTS_S else None

    def take_quota(self, at: float) -> None:
        """Count a call (45011 above 60 a minute, 45028 with the day's messages used up)."""
        minute, day = f"minute:{int(at // 60)}", f"day:{china_day(at)}"
        if self._count(minute) >= CALLS_PER_MINUTE:
            raise PlatformError(45011)
        if self._count(day) >= CALLS_PER_DAY.get(self._account.kind, 0):
            raise PlatformError(45028)
        for key in (minute, day):
            self._used.put(self._appid, key, self._count(key) + 1)

    def send(
        self,
        kind: str,
        content: dict[str, Any],
        people: list[Relation],
        at: float,
        *,
        news: News | None,
        client_key: str,
    ) -> tuple[MassMessage, Publication | None]:
        """Accept a message; a job sends it a moment later."""
        publication = self._publications.send(news, at) if news else None
        message = MassMessage(
            msg_id=self._new_id(),
            kind=kind,
            content=content,
            people=tuple(one.person for one in people),
            at=at,
            publish_id=publication.publish_id if publication else "",
        )
        self._save(message)
        if client_key:
            self._keys.put(self._appid, client_key, ClientKey(msg_id=message.msg_id, at=at))
        start_job(self._world, self._account, "mass", str(message.msg_id))
        return message, publication

    def get(self, msg_id: str) -> MassMessage:
        """Return a message, or raise 40059."""
        found = self._messages.find(self._appid, msg_id)
        if found is None:
            raise PlatformError(40059)
        return found

    def find_by_url(self, url: str) -> MassMessage:
        """Return the message that carried an article's page, or raise 40059."""
        page = self._publications.find_page(url.partition("?")[0].rpartition("/")[2])
        for message in self._messages.values(self._appid):
            if page is not None and message.publish_id == page[0].publish_id:
                return message
        raise PlatformError(40059)

    def delete(self, message: MassMessage, article_idx: int) -> None:
        """Take the articles or the film of a message back; the cards stay in the conversations.

        Raises:
            PlatformError: 40204 another kind of message, 40060 no such article.
        """
        if message.kind == "mpvideo":
            self._save(replace(message, status=DELETED))
            return
        if not message.publish_id:
            raise PlatformError(40204)
        publication = self._publications.get(message.publish_id)
        if not 0 <= article_idx <= len(publication.articles):
            raise PlatformError(40060)
        if not self._publications.delete(publication, article_idx).visible():
            self._save(replace(message, status=DELETED))

    def finish(self, msg_id: str) -> None:
        """Send a message to everyone it is for, and report how many got it."""
        message = self.get(msg_id)
        at = self._world.now()
        outcome = take_outcome(self._world, self._account, "mass") or "send success"
        targets = [
            relation
            for person in message.people
            if (relation := self._world.get_relation(self._account, person)).following
            and not relation.blacklisted
        ]
        sent = self._deliver(message, targets, at) if outcome == "send success" else 0
        counts = {
            "TotalCount": len(message.people),
            "FilterCount": len(targets),
            "SentCount": sent,
            "ErrorCount": len(targets) - sent,
        }
        status = SUCCESS if outcome == "send success" else FAIL
        message = replace(message, status=status, counts=counts)
        self._save(message)
        self._report(message, outcome, at)

    def _deliver(self, message: MassMessage, targets: list[Relation], at: float) -> int:
        articles = self._articles(message)
        body = message.content | ({"articles": articles} if articles else {})
        month, sent = china_day(at)[:7], 0
        for relation in targets:
            received = relation.mass_received if relation.mass_month == month else 0
            if received >= PER_PERSON_AND_MONTH or relation.refuses_messages:
                continue
            relation.mass_month, relation.mass_received = month, received + 1
            self._world.save_relation(relation)
            for article in articles:
                self._world.facts.record(
                    self._appid, FactKind.DELIVERED, at, person=relation.person, ref=article["msgid"]
                )
            self._world.deliver(relation, f"mass:{message.kind}", body, at, msgid=message.msg_id)
            sent += 1
        if message.publish_id and sent:
            drafts = NewsShelf(self._world, self._account, NewsKind.DRAFT)
            drafts.discard(self._publications.get(message.publish_id).media_id)
        return sent

    def _articles(self, message: MassMessage) -> list[dict[str, str]]:
        if not message.publish_id:
            return []
        publication = self._publications.get(message.publish_id)
        return [
            {
                "title": article.title,
                "digest": article.digest,
                "thumb_url": article.thumb_url,
                "url": publication.url(self._world, index),
                "msgid": publication.ref(index),
            }
            for index, article in enumerate(publication.articles, 1)
        ]

    def _report(self, message: MassMessage, outcome: str, at: float) -> None:
        articles = self._articles(message)
        checks: list[XmlValue] = [_check(index) for index in range(1, len(articles) + 1)]
        urls: list[XmlValue] = [
            {"ArticleIdx": index, "ArticleUrl": one["url"]} for index, one in enumerate(articles, 1)
        ]
        fields: dict[str, XmlValue] = {
            "MsgID": message.msg_id,
            "Status": outcome,
            **message.counts,
            "CopyrightCheckResult": {
                "Count": len(checks),
                "ResultList": {"item": checks},
                "CheckState": 1,
            },
            "ArticleUrlResult": {"Count": len(urls), "ResultList": {"item": urls}},
        }
        self._world.emit_for_account(self._account, "MASSSENDJOBFINISH", at, fields)

    def _count(self, key: str) -> int:
        return self._used.find(self._appid, key) or 0

    def _save(self, message: MassMessage) -> None:
        self._messages.put(self._appid, str(message.msg_id), message)

    def _new_id(self) -> int:
        """Return a rising number like the platform's: ten digits, not a 64-bit id."""
        following = int(self._world.store.read_meta("last_mass_id") or 3_147_483_000) + 1
        self._world.store.write_meta("last_mass_id", following)
        return following


def _check(index: int) -> XmlValue:
    return {
        "ArticleIdx": index,
        "UserDeclareState": 0,
        "AuditState": 2,
        "OriginalArticleUrl": "",
        "OriginalArticleType": 0,
        "CanReprint": 0,
        "NeedReplaceContent": 0,
        "NeedShowReprintSource": 0,
    }


@finishes("mass")
def _finish_sending(world: Core, account: Account, msg_id: str) -> None:
    MassMessages(world, account).finish(msg_id)
