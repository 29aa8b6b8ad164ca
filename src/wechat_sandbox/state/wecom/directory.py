"""The contacts of a company: departments, members, those who left, member tags."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Agent, Corp
from wechat_sandbox.storage import Storage

ROOT = 1


class Status(IntEnum):
    """``status`` of a member."""

    ACTIVE = 1
    DISABLED = 2
    NOT_ACTIVATED = 4
    LEFT = 5


@dataclass(slots=True, kw_only=True)
class Department:
    """One department."""

    id: int
    name: str
    parentid: int
    order: int
    name_en: str = ""


@dataclass(slots=True, kw_only=True)
class Member:
    """One member of the staff."""

    userid: str
    name: str
    department: list[int]
    order: list[int] = field(default_factory=list)
    is_leader_in_dept: list[int] = field(default_factory=list)
    main_department: int = ROOT
    direct_leader: list[str] = field(default_factory=list)
    position: str = ""
    alias: str = ""
    mobile: str = ""
    gender: str = "0"
    email: str = ""
    biz_mail: str = ""
    telephone: str = ""
    address: str = ""
    avatar_mediaid: str = ""
    status: int = Status.ACTIVE
    extattr: dict[str, Any] = field(default_factory=lambda: {"attrs": []})
    external_profile: dict[str, Any] = field(default_factory=dict)
    external_position: str = ""
    # What the company's console and the platform decide about them.
    follows_customers: bool = True  # In the scope of customer contact.
    verified: bool = True  # Real-name verified.
    licensed: bool = True
    customer_limit: int = 5000
    last_login_at: float = 0.0  # 0: always there.
    limited: bool = False  # Banned from customer contact by the platform.


@dataclass(slots=True, kw_only=True)
class Resigned:
    """Somebody who left, with the customers they had still waiting for somebody else."""

    userid: str
    name: str
    left_at: float


@dataclass(slots=True, kw_only=True)
class MemberTag:
    """A tag of members; only the app that made it may change it."""

    tagid: int
    tagname: str
    maker: str  # The scope whose token made it.
    users: list[str] = field(default_factory=list)
    parties: list[int] = field(default_factory=list)


class Directory:
    """The contacts of one company. User ids are found whatever their case."""

    def __init__(self, store: Storage, corp: Corp) -> None:
        self._corp = corp
        self._members = Shelf(store, "corp_member", Member)
        self._resigned = Shelf(store, "corp_resigned", Resigned)
        self._departments = Shelf(store, "corp_department", Department)
        self._tags = Shelf(store, "corp_member_tag", MemberTag)

    # Members

    def find(self, userid: str) -> Member | None:
        return self._members.find(self._corp.corpid, userid.lower())

    def members(self) -> list[Member]:
        return self._members.values(self._corp.corpid)

    def save(self, member: Member) -> None:
        self._members.put(self._corp.corpid, member.userid.lower(), member)

    def drop(self, userid: str) -> None:
        self._members.drop(self._corp.corpid, userid.lower())

    def resign(self, member: Member, at: float) -> None:
        """Take a member out of the contacts; their customers stay unassigned."""
        self.drop(member.userid)
        gone = Resigned(userid=member.userid, name=member.name, left_at=at)
        self._resigned.put(self._corp.corpid, member.userid.lower(), gone)
        for tag in self.tags():
            if member.userid in tag.users:
                tag.users.remove(member.userid)
                self.save_tag(tag)

    def welcome_back(self, userid: str) -> None:
        """Forget that somebody with this id once left."""
        self._resigned.drop(self._corp.corpid, userid.lower())

    def find_resigned(self, userid: str) -> Resigned | None:
        return self._resigned.find(self._corp.corpid, userid.lower())

    def resigned(self) -> list[Resigned]:
        return self._resigned.values(self._corp.corpid)

    def find_by(self, name: str, value: str) -> Member | None:
        """Return the member whose ``mobile``, ``email`` or ``biz_mail`` this is."""
        return next((one for one in self.members() if value and getattr(one, name) == value), None)

    # Departments

    def departments(self) -> list[Department]:
        return self._departments.values(self._corp.corpid)

    def find_department(self, number: int) -> Department | None:
        return self._departments.find(self._corp.corpid, str(number))

    def save_department(self, department: Department) -> None:
        self._departments.put(self._corp.corpid, str(department.id), department)

    def drop_department(self, number: int) -> None:
        self._departments.drop(self._corp.corpid, str(number))

    def below(self, numbers: Iterable[int]) -> set[int]:
        """Return departments with everything below them."""
        found = set(numbers)
        departments = self.departments()
        while True:
            more = {one.id for one in departments if one.parentid in found} - found
            if not more:
                return found
            found |= more

    def members_in(self, numbers: Iterable[int], *, with_children: bool = True) -> list[Member]:
        wanted = self.below(numbers) if with_children else set(numbers)
        return [member for member in self.members() if wanted.intersection(member.department)]

    def leaders_of(self, number: int) -> list[str]:
        return [
            member.userid
            for member in self.members()
            for department, leads in zip(member.department, member.is_leader_in_dept, strict=False)
            if department == number and leads
        ]

    # Tags of members

    def tags(self) -> list[MemberTag]:
        return self._tags.values(self._corp.corpid)

    def find_tag(self, tagid: int) -> MemberTag | None:
        return self._tags.find(self._corp.corpid, str(tagid))

    def save_tag(self, tag: MemberTag) -> None:
        self._tags.put(self._corp.corpid, str(tag.tagid), tag)

    def drop_tag(self, tagid: int) -> None:
        self._tags.drop(self._corp.corpid, str(tagid))

    # Who is meant, and who is seen

    def expand(self, users: Iterable[str], parties: Iterable[int] = (), tags: Iterable[int] = ()) -> set[str]:
        """Return the ids of everyone named one by one, by department or by tag."""
        found = {member.userid for userid in users if (member := self.find(userid))}
        found |= (
            {member.userid for member in self.members_in(parties)} if (parties := list(parties)) else set()
        )
        for tagid in tags:
            tag = self.find_tag(tagid)
            if tag is not None:
                found |= self.expand(tag.users, tag.parties)
        return found

    def sees(self, agent: Agent | None, member: Member) -> bool:
        """Whether a member is in the visible scope of an app; shared secrets see everyone."""
        if agent is None or not (agent.users or agent.parties or agent.tags):
            return True
        return member.userid in self.expand(agent.users, agent.parties, agent.tags)

    def sees_department(self, agent: Agent | None, number: int) -> bool:
        if agent is None or not (agent.users or agent.parties or agent.tags):
            return True
        return number in self.below(agent.parties)
