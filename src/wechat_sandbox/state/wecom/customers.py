"""Customers of a company: who they are, and who on the staff has added whom."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.accounts import openid_of, short_code, unionid_of
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.wire.errors import PlatformError

WECHAT_USER, WECOM_USER = 1, 2
_GENDERS = {"male": 1, "female": 2}


@dataclass(slots=True, kw_only=True)
class External:
    """Somebody outside the company."""

    external_userid: str
    name: str
    type: int  # 1 a WeChat user, 2 a user of another company's 企业微信.
    person: int = -1  # The simulated person behind it, -1 for type 2.
    gender: int = 0
    avatar: str = ""
    position: str = ""  # Of type 2 alone, like the next three.
    corp_name: str = ""
    corp_full_name: str = ""
    external_profile: dict[str, Any] = field(default_factory=dict)
    archive_agreed: bool = True  # Whether messages may be kept, where the company keeps them.


@dataclass(slots=True, kw_only=True)
class Link:
    """One member has one customer. Instants are virtual epoch seconds."""

    userid: str
    external_userid: str
    createtime: int
    add_way: int
    oper_userid: str
    state: str = ""
    remark: str = ""
    description: str = ""
    remark_corp_name: str = ""
    remark_mobiles: list[str] = field(default_factory=list)
    remark_pic_mediaid: str = ""
    tag_ids: list[str] = field(default_factory=list)
    private_tags: list[str] = field(default_factory=list)
    wechat_channels: dict[str, Any] | None = None
    half: bool = False  # Added without asking; the member has not accepted yet.
    deleted_by_customer: bool = False  # A one-way relation from now on.
    way: str = ""  # The config id of the code they came by.
    link: str = ""  # The acquisition link they came by.
    spoke_at: float = 0.0  # When the two last exchanged a message.
    heard: int = 0  # Messages of the customer.
    temporary_until: float = 0.0  # A temporary chat ends then; 0: an ordinary customer.

    @property
    def is_customer(self) -> bool:
        """Whether the API knows the relation: accepted, and not of a temporary chat."""
        return not self.half and not self.temporary_until


class Customers:
    """The customers of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._externals = Shelf(world.store, "corp_external", External)
        self._links = Shelf(world.store, "corp_link", Link)  # ``<userid>/<external_userid>``
        self._followers = Shelf(world.store, "corp_follower", str)  # ``<external_userid>/<userid>``

    # Who they are

    def external_of(self, person: int) -> External:
        """Return what a simulated person is to this company."""
        external_userid = external_userid_of(self._world, self._corp, person)
        known = self.find_external(external_userid)
        if known is not None:
            return known
        made = make_person(self._world.seed, person, self._world.people)
        external = External(
            external_userid=external_userid,
            name=made.nickname,
            type=WECHAT_USER,
            person=person,
            gender=_GENDERS.get(made.gender, 0),
            avatar=f"{self._world.public_url}/mmopen/{person}/0",
        )
        self.save_external(external)
        return external

    def find_external(self, external_userid: str) -> External | None:
        return self._externals.find(self._corp.corpid, external_userid)

    def get_external(self, external_userid: str) -> External:
        """Return somebody known to the company (40096 nobody)."""
        found = self.find_external(external_userid)
        if found is None:
            raise PlatformError(40096)
        return found

    def externals(self) -> list[External]:
        return self._externals.values(self._corp.corpid)

    def save_external(self, external: External) -> None:
        self._externals.put(self._corp.corpid, external.external_userid, external)

    def unionid_of(self, external: External) -> str:
        """Return the unionid, empty for users of 企业微信 and companies bound to nothing."""
        if external.person < 0 or not self._corp.platform_id:
            return ""
        return unionid_of(str(self._world.seed), self._corp.platform_id, external.person)

    def openid_of(self, external: External) -> str:
        """Return the openid under which the company pays somebody (41056 for users of 企业微信)."""
        if external.person < 0:
            raise PlatformError(41056)
        return openid_of(str(self._world.seed), self._corp.corpid, external.person)

    def find_by_unionid(self, unionid: str) -> External | None:
        return next((one for one in self.externals() if unionid and self.unionid_of(one) == unionid), None)

    # Who has whom

    def find_link(self, userid: str, external_userid: str) -> Link | None:
        return self._links.find(self._corp.corpid, _key(userid, external_userid))

    def get_link(self, userid: str, external_userid: str) -> Link:
        """Return a relation as the API lets one see it.

        Raises:
            PlatformError: 40096 nobody of that id, 84061 no relation, or one not accepted yet.
        """
        self.get_external(external_userid)
        link = self.find_link(userid, external_userid)
        if link is None or not link.is_customer:
            raise PlatformError(84061)
        return link

    def links_of(self, userid: str) -> list[Link]:
        """Return the customers of a member, earliest first.

        Those still to be accepted and those of temporary chats are none yet.
        """
        found = self._links.under(self._corp.corpid, f"{userid}/")
        return [link for _, link in found if link.is_customer]

    def all_links_of(self, userid: str) -> list[Link]:
        """Return every relation of a member, also those the API does not know yet."""
        return [link for _, link in self._links.under(self._corp.corpid, f"{userid}/")]

    def links_to(self, external_userid: str) -> list[Link]:
        """Return everyone who has a customer, earliest first."""
        userids = [userid for _, userid in self._followers.under(self._corp.corpid, f"{external_userid}/")]
        links = (self.find_link(userid, external_userid) for userid in userids)
        return [link for link in links if link is not None and link.is_customer]

    def all_links(self, *, with_temporary: bool = False) -> list[Link]:
        links = self._links.values(self._corp.corpid)
        return [link for link in links if link.is_customer or (with_temporary and link.temporary_until)]

    def count_of(self, userid: str) -> int:
        return self._links.count_under(self._corp.corpid, f"{userid}/")

    def save(self, link: Link) -> None:
        self._links.put(self._corp.corpid, _key(link.userid, link.external_userid), link)
        key = _key(link.external_userid, link.userid)
        if self._followers.find(self._corp.corpid, key) is None:
            self._followers.put(self._corp.corpid, key, link.userid)
        self._world.store.on_change(self._corp.corpid, "")

    def drop(self, link: Link) -> None:
        self._links.drop(self._corp.corpid, _key(link.userid, link.external_userid))
        self._followers.drop(self._corp.corpid, _key(link.external_userid, link.userid))
        self._world.store.on_change(self._corp.corpid, "")


def external_userid_of(world: Core, corp: Corp, person: int) -> str:
    """Return the id of a simulated person at a company: ``wm`` first, 32 characters."""
    digest = hashlib.sha256(f"external:{world.seed}:{corp.corpid}:{person}".encode()).digest()
    return "wm" + short_code(digest, 30)


def made_id(prefix: str, *parts: object) -> str:
    """Return an id made of its parts: the same parts, the same id."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return prefix + short_code(digest, 30)


def _key(first: str, second: str) -> str:
    return f"{first}/{second}"
