"""Contact ways (联系我): codes and buttons by which people add a member of the staff.

Source: official page 92228.
"""

import random
from dataclasses import asdict, dataclass, field
from typing import Any

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.acquisition import Acquisition
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, External, Link
from wechat_sandbox.state.wecom.directory import Directory, Member, Status
from wechat_sandbox.state.wecom.join_ways import JoinWays
from wechat_sandbox.state.wecom.meeting import BY_CODE, Meetings, Way
from wechat_sandbox.wire.errors import PlatformError

SINGLE, SEVERAL = 1, 2
BUTTON, CODE = 1, 2  # ``scene``
WAYS_MAX = 500_000
MEMBERS_MAX = 100


@dataclass(slots=True, kw_only=True)
class ContactWay:
    """One way."""

    config_id: str
    type: int
    scene: int
    created_at: float
    style: int = 1
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    user: list[str] = field(default_factory=list)
    party: list[int] = field(default_factory=list)
    is_temp: bool = False
    expires_in: int = 7 * 86_400
    chat_expires_in: int = 86_400
    unionid: str = ""
    is_exclusive: bool = False
    mark_source: bool = True
    conclusions: dict[str, Any] = field(default_factory=dict)
    used: bool = False  # A temporary code works once.
    scanned: int = 0

    @property
    def has_code(self) -> bool:
        return self.scene == CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody asks to be added; the member has to accept."""

    userid: str
    external_userid: str
    config_id: str
    asked_at: float
    state: str = ""
    add_way: int = BY_CODE
    link_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What came of a scan: a relation, or a request that waits."""

    userid: str
    external_userid: str
    link: Link | None = None  # None: the member has to accept.

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class ContactWays:
    """The ways of one company, and who comes by them."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._ways = Shelf(world.store, "corp_way", ContactWay)
        self._temporary = Shelf(world.store, "corp_temporary", float)  # Chats by when they end.
        self._requests = Shelf(world.store, "corp_request", Request)  # ``<userid>/<external_userid>``

    def find(self, config_id: str) -> ContactWay | None:
        return self._ways.find(self._corp.corpid, config_id)

    def find_by_mark(self, mark: str) -> ContactWay | None:
        """Return the way whose id, picture or inner address this is."""
        return self.find(mark.partition("?")[0].rstrip("/").rpartition("/")[2])

    def all(self) -> list[ContactWay]:
        return self._ways.values(self._corp.corpid)

    def count(self) -> int:
        return self._ways.count(self._corp.corpid)

    def has_room(self) -> bool:
        """Whether the API may make one more code: those that lead into groups count as well."""
        return self.count() + JoinWays(self._world.store, self._corp.corpid).count() < WAYS_MAX

    def save(self, way: ContactWay) -> None:
        self._ways.put(self._corp.corpid, way.config_id, way)

    def drop(self, way: ContactWay) -> None:
        self._ways.drop(self._corp.corpid, way.config_id)

    def picture_url(self, way: ContactWay) -> str:
        """Return the address of the code's picture."""
        return f"{self._world.public_url}/wwpic/{way.config_id}"

    def inner_url(self, way: ContactWay) -> str:
        """Return what stands in the code."""
        return f"{self._world.public_url}/wwadd/{way.config_id}"

    def scan(
        self, way: ContactWay, external: External, at: float, *, half: bool = False, userid: str = ""
    ) -> Scanned:
        """Somebody scans a code or taps a button; who serves them is drawn, unless ``userid`` says.

        Raises:
            PlatformError: 41044 expired, used, or meant for somebody else; 84074 nobody can take them.
        """
        self._check_open(way, external, at)
        member = self._choose(way, external, userid)
        way.scanned += 1
        way.used = way.is_temp
        self.save(way)
        if not way.skip_verify and not way.is_temp:
            return self._ask(way, member, external, at)
        how = Way(
            add_way=BY_CODE,
            state=way.state,
            config_id=way.config_id,
            temporary_until=at + way.chat_expires_in if way.is_temp else 0.0,
        )
        link = Meetings(self._world, self._corp).add(member, external, at, how, half=half)
        if link.temporary_until:
            key = f"{link.userid}/{link.external_userid}"
            self._temporary.put(self._corp.corpid, key, link.temporary_until)
        return Scanned(userid=member.userid, external_userid=external.external_userid, link=link)

    def ask(self, request: Request) -> None:
        """Leave a request with a member."""
        self._requests.put(self._corp.corpid, f"{request.userid}/{request.external_userid}", request)

    def requests(self) -> list[Request]:
        return self._requests.values(self._corp.corpid)

    def find_request(self, userid: str, external_userid: str) -> Request | None:
        return self._requests.find(self._corp.corpid, f"{userid}/{external_userid}")

    def accept(self, request: Request, at: float) -> Link:
        """The member accepts a request; the relation has the state of the way."""
        member = Directory(self._world.store, self._corp).find(request.userid)
        if member is None:
            raise PlatformError(60111)
        external = Customers(self._world, self._corp).get_external(request.external_userid)
        self._requests.drop(self._corp.corpid, f"{request.userid}/{request.external_userid}")
        how = Way(
            add_way=request.add_way,
            state=request.state,
            config_id=request.config_id,
            link_id=request.link_id,
        )
        link = Meetings(self._world, self._corp).add(member, external, at, how)
        if request.link_id:
            Acquisition(self._world, self._corp).count_add(request.link_id, external.person, at)
        return link

    def end_temporary(self, link: Link, at: float) -> None:
        """End a temporary chat: the customer sees the conclusions of the way."""
        way = self.find(link.way)
        customers = Customers(self._world, self._corp)
        external = customers.get_external(link.external_userid)
        meetings = Meetings(self._world, self._corp)
        for kind, content in (way.conclusions if way else {}).items():
            meetings.write(external, link.userid, "to_customer", kind, dict(content), at)
        customers.drop(link)
        self._temporary.drop(self._corp.corpid, f"{link.userid}/{link.external_userid}")

    def advance(self, at: float) -> None:
        """End the temporary chats whose time is over."""
        customers = Customers(self._world, self._corp)
        for key, until in self._temporary.items(self._corp.corpid):
            userid, _, external_userid = key.partition("/")
            link = customers.find_link(userid, external_userid)
            if link is None:
                self._temporary.drop(self._corp.corpid, key)
            elif at >= until:
                self.end_temporary(link, at)

    def _check_open(self, way: ContactWay, external: External, at: float) -> None:
        unionid = Customers(self._world, self._corp).unionid_of(external)
        if way.is_temp and (way.used or at >= way.created_at + way.expires_in):
            raise PlatformError(41044, "the code has expired or was used")
        if way.unionid and way.unionid != unionid:
            raise PlatformError(41044, "the code is meant for somebody else")

    def _choose(self, way: ContactWay, external: External, userid: str) -> Member:
        """Draw a member who can take one more customer; with an exclusive way the one they have."""
        able = able_members(self._world, self._corp, way.user, way.party)
        if userid:
            able = [member for member in able if member.userid == userid]
        if not able:
            raise PlatformError(84074)
        if way.is_exclusive:
            followers = {
                link.userid
                for link in Customers(self._world, self._corp).links_to(external.external_userid)
                if link.way == way.config_id
            }
            own = next((member for member in able if member.userid in followers), None)
            if own is not None:
                return own
        draw = random.Random(f"{self._world.seed}:{way.config_id}:{way.scanned}")  # noqa: S311 - repeatable.
        return draw.choice(able)

    def _ask(self, way: ContactWay, member: Member, external: External, at: float) -> Scanned:
        customers = Customers(self._world, self._corp)
        known = customers.find_link(member.userid, external.external_userid)
        if known is None or known.deleted_by_customer:
            self.ask(
                Request(
                    userid=member.userid,
                    external_userid=external.external_userid,
                    config_id=way.config_id,
                    asked_at=at,
                    state=way.state,
                )
            )
            known = None
        return Scanned(userid=member.userid, external_userid=external.external_userid, link=known)


def able_members(world: Core, corp: Corp, users: list[str], parties: list[int]) -> list[Member]:
    """Return who of these members and departments can take customers now, in the order of their ids."""
    directory, customers = Directory(world.store, corp), Customers(world, corp)
    named = (directory.find(userid) for userid in sorted(directory.expand(users, parties)))
    return [
        member
        for member in named
        if member is not None
        and member.status == Status.ACTIVE
        and member.follows_customers
        and not member.limited
        and customers.count_of(member.userid) < member.customer_limit
    ]
