"""What happened at an account, for its statistics."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from wechat_sandbox.storage import Storage


class FactKind(StrEnum):
    """Kinds of facts; ``source`` and ``amount`` mean something else for each."""

    FOLLOW = "follow"  # source: ``user_source``
    UNFOLLOW = "unfollow"  # source: ``user_source``
    MESSAGE = "message"  # source: ``msg_type`` of the statistics
    CALLBACK = "callback"  # source: 1 when it failed; amount: milliseconds
    DELIVERED = "delivered"  # ref: article; an article reached a follower by mass send
    READ = "read"  # ref: article; source: ``user_source`` of reading; amount: seconds stayed
    FINISHED = "finished"  # ref: article; read to its end
    SHARE = "share"  # ref: article; source: ``share_scene``
    ZAIKAN = "zaikan"  # ref: article
    LIKE = "like"  # ref: article
    COLLECT = "collect"  # ref: article
    COMMENT = "comment"  # ref: article
    ORIGINAL = "original"  # ref: article; the reader went to the linked page
    MINI_VISIT = "mini_visit"  # ref: pages seen; source: scene; amount: milliseconds stayed
    MINI_PAGE = "mini_page"  # ref: path; source: 1 entry + 2 exit; amount: milliseconds stayed
    MINI_SHARE = "mini_share"  # ref: path
    # Of companies; ``ref`` parts are joined by NUL.
    CONTACT_ASKED = "contact_asked"  # ref: member; somebody wants to add them
    CONTACT_MADE = "contact_made"  # ref: member
    CONTACT_LOST = "contact_lost"  # ref: member; a customer deleted or blocked them
    GROUP_MADE = "group_made"  # ref: group
    GROUP_JOINED = "group_joined"  # ref: group
    GROUP_LEFT = "group_left"  # ref: group
    GROUP_SAID = "group_said"  # ref: group, who
    KF_SESSION = "kf_session"  # ref: account, customer; a session began
    KF_SERVED = "kf_served"  # ref: account, customer, servicer
    KF_ANSWER = "kf_answer"  # ref: account, customer
    KF_UPGRADE = "kf_upgrade"  # ref: account, customer; source: 1 a member, 2 a group was offered
    KF_UPGRADED = "kf_upgraded"  # the same, once the customer took it
    KF_ASKED = "kf_asked"  # ref: account, customer; how content they are
    KF_RATED = "kf_rated"  # ref: account, customer; source: 1 satisfied, 2 middling, 3 not
    KF_REFUSED = "kf_refused"  # ref: account, customer; wrote while switched off
    LINK_CLICK = "link_click"  # ref: acquisition link
    LINK_ADD = "link_add"  # ref: acquisition link; somebody became a customer by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened; ``at`` in virtual epoch seconds."""

    at: float
    kind: FactKind
    person: int
    ref: str
    source: int
    amount: int


class Facts:
    """Writes facts and reads them back by time."""

    def __init__(self, store: Storage) -> None:
        self._db = store.db

    def record(
        self,
        appid: str,
        kind: FactKind,
        at: float,
        *,
        person: int = -1,
        ref: str = "",
        source: int = 0,
        amount: int = 0,
    ) -> None:
        self._db.execute(
            "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?)",
            (appid, at, kind.value, person, ref, source, amount),
        )

    def between(self, appid: str, kinds: tuple[FactKind, ...], since: float, until: float) -> Iterator[Fact]:
        """Yield facts of some kinds with ``since <= at < until`` in order of time."""
        marks = ", ".join("?" * len(kinds))
        rows = self._db.execute(
            "SELECT at, kind, person, ref, source, amount FROM fact"  # noqa: S608 - only place holders.
            f" WHERE appid = ? AND kind IN ({marks}) AND at >= ? AND at < ? ORDER BY at, rowid",
            (appid, *(kind.value for kind in kinds), since, until),
        )
        for at, kind, person, ref, source, amount in rows:
            yield Fact(at=at, kind=FactKind(kind), person=person, ref=ref, source=source, amount=amount)

    def count_before(self, appid: str, kind: FactKind, until: float) -> int:
        row = self._db.execute(
            "SELECT count(*) FROM fact WHERE appid = ? AND kind = ? AND at < ?", (appid, kind.value, until)
        ).fetchone()
        return int(row[0])
