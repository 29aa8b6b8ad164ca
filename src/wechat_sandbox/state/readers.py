"""What people do with articles: read, share, like, collect, comment. Statistics come from here."""

from dataclasses import dataclass

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.comments import Comment, Comments
from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.publishing import Publication, Publications
from wechat_sandbox.wire.errors import PlatformError

# ``user_source`` of reading: conversation, friends' message, moments, history page, other.
READ_SOURCES = {"session": 0, "friend": 1, "moments": 2, "history": 4, "other": 5}
# ``share_scene``: friend, moments, other.
SHARE_SCENES = {"friend": 1, "moments": 2, "other": 255}
SIMPLE = {
    "zaikan": FactKind.ZAIKAN,
    "like": FactKind.LIKE,
    "collect": FactKind.COLLECT,
    "original": FactKind.ORIGINAL,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """An article a person has before them."""

    publication: Publication
    index: int  # From 1.

    @property
    def ref(self) -> str:
        return self.publication.ref(self.index)


class Readers:
    """Acts of people on the articles of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account

    def find(self, address: str) -> Opened:
        """Return the article of a page address.

        Raises:
            Unknown: no such article of this account, or it was taken back.
        """
        key = address.partition("?")[0].rpartition("/")[2]
        found = Publications(self._world, self._account).find_page(key)
        if found is None or found[1] not in found[0].visible():
            raise Unknown("no such article")
        return Opened(*found)

    def read(self, person: int, opened: Opened, at: float, *, source: int, seconds: int, whole: bool) -> None:
        self._record(FactKind.READ, person, opened, at, source=source, amount=seconds)
        if whole:
            self._record(FactKind.FINISHED, person, opened, at)

    def share(self, person: int, opened: Opened, at: float, *, scene: int) -> None:
        self._record(FactKind.SHARE, person, opened, at, source=scene)

    def mark(self, person: int, opened: Opened, at: float, *, kind: FactKind) -> None:
        """Like, collect, recommend (在看), or go on to the linked page."""
        self._record(kind, person, opened, at)

    def comment(self, person: int, opened: Opened, at: float, *, content: str) -> Comment:
        relation = self._world.get_relation(self._account, person)
        try:
            made = Comments(self._world, self._account).write(
                relation, opened.publication.msg_data_id, opened.index - 1, content=content, at=at
            )
        except PlatformError as error:
            raise Unknown(error.text) from error
        self._record(FactKind.COMMENT, person, opened, at)
        return made

    def _record(
        self, kind: FactKind, person: int, opened: Opened, at: float, *, source: int = 0, amount: int = 0
    ) -> None:
        self._world.facts.record(
            self._account.appid, kind, at, person=person, ref=opened.ref, source=source, amount=amount
        )
