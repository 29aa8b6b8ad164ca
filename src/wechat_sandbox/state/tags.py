"""Tags of followers: at most 100 per account, 20 per person; ids of the platform below 100."""

from dataclasses import dataclass

from wechat_sandbox.accounts import Account
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

TAGS_MAX = 100
TAGS_PER_PERSON_MAX = 20
NAME_CHARS_MAX = 30
FANS_MAX_TO_DELETE = 100_000
STAR_TAG = 2
_RESERVED = frozenset({0, 1, STAR_TAG})
_FIRST_ID = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One tag of an account."""

    id: int
    name: str


class Tags:
    """The tags of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._shelf = Shelf(world.store, "tag", Tag)

    def create(self, name: str) -> Tag:
        """Make a tag.

        Raises:
            PlatformError: 45056 too many, 45157 the name exists or is empty, 45158 too long.
        """
        if self._shelf.count(self._account.appid) >= TAGS_MAX:
            raise PlatformError(45056)
        self._check_name(name)
        tag = Tag(id=self._next_id(), name=name)
        self._shelf.put(self._account.appid, str(tag.id), tag)
        return tag

    def get(self, tag_id: int) -> Tag:
        """Return a tag, or raise 45159."""
        if tag_id == STAR_TAG:
            return Tag(id=STAR_TAG, name="星标组")
        tag = self._shelf.find(self._account.appid, str(tag_id))
        if tag is None:
            raise PlatformError(45159)
        return tag

    def all(self) -> list[tuple[Tag, int]]:
        """Return every tag with the number of its followers."""
        counts: dict[int, int] = {}
        for relation in self._world.followers(self._account):
            for tag_id in relation.tagid_list:
                counts[tag_id] = counts.get(tag_id, 0) + 1
        tags = [self.get(STAR_TAG), *self._shelf.values(self._account.appid)]
        return [(tag, counts.get(tag.id, 0)) for tag in tags]

    def rename(self, tag_id: int, name: str) -> None:
        self._get_own(tag_id)
        self._check_name(name, but=tag_id)
        self._shelf.put(self._account.appid, str(tag_id), Tag(id=tag_id, name=name))

    def delete(self, tag_id: int) -> None:
        """Remove a tag and take it off everyone (45057 above 100,000 followers)."""
        self._get_own(tag_id)
        members = self.members(tag_id)
        if len(members) > FANS_MAX_TO_DELETE:
            raise PlatformError(45057)
        self.take_off(tag_id, members)
        self._shelf.drop(self._account.appid, str(tag_id))

    def members(self, tag_id: int) -> list[Relation]:
        return [one for one in self._world.followers(self._account) if tag_id in one.tagid_list]

    def put_on(self, tag_id: int, people: list[Relation]) -> None:
        """Tag people, all or none (45059 when someone has 20 tags)."""
        self.get(tag_id)
        fresh = [one for one in people if tag_id not in one.tagid_list]
        if any(len(one.tagid_list) >= TAGS_PER_PERSON_MAX for one in fresh):
            raise PlatformError(45059)
        for one in fresh:
            one.tagid_list.append(tag_id)
            self._world.save_relation(one)

    def take_off(self, tag_id: int, people: list[Relation]) -> None:
        self.get(tag_id)
        for one in people:
            if tag_id in one.tagid_list:
                one.tagid_list.remove(tag_id)
                self._world.save_relation(one)

    def _get_own(self, tag_id: int) -> Tag:
        if tag_id in _RESERVED:
            raise PlatformError(45058)
        return self.get(tag_id)

    def _check_name(self, name: str, *, but: int = -1) -> None:
        if len(name) > NAME_CHARS_MAX:
            raise PlatformError(45158)
        taken = {tag.name for tag in self._shelf.values(self._account.appid) if tag.id != but}
        if not name or name in taken:
            raise PlatformError(45157)

    def _next_id(self) -> int:
        key = f"last_tag:{self._account.appid}"
        following = int(self._world.store.read_meta(key) or _FIRST_ID - 1) + 1
        self._world.store.write_meta(key, following)
        return following
