"""Customer groups as they are kept: members, owner, versions. Changes are pure; who is told is not here."""

import hashlib
from dataclasses import dataclass, replace
from enum import IntEnum

MEMBERS_MAX = 500


class GroupStatus(IntEnum):
    """What ``groupchat/list`` tells of the owner."""

    NORMAL = 0
    OWNER_LEFT = 1
    TRANSFERRING = 2
    TRANSFERRED = 3


class SeatKind(IntEnum):
    """Who sits in a group."""

    STAFF = 1
    EXTERNAL = 2


class JoinScene(IntEnum):
    """How a member came, as ``groupchat/get`` tells it."""

    INVITED = 1
    INVITE_LINK = 2
    QR_CODE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One member of a group; ``who`` is a userid or an external userid."""

    who: str
    kind: SeatKind
    join_time: int
    scene: JoinScene
    invitor: str = ""
    nickname: str = ""
    state: str = ""  # Of the join way they came by.


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One customer group."""

    chat_id: str
    opengid: str
    name: str
    owner: str
    create_time: int
    notice: str = ""
    status: GroupStatus = GroupStatus.NORMAL
    members: tuple[Seat, ...] = ()
    admins: tuple[str, ...] = ()
    changes: int = 0  # Of the members, ever: the version is made of it.
    dismissed: bool = False
    transfers: tuple[float, ...] = ()  # On-job transfers: two in ninety days.
    base: int = 0  # Number in a row of groups one join way has opened, 0 for none.

    @property
    def version(self) -> str:
        """The version of the list of members: another one after each change."""
        return version_of(self.chat_id, self.changes)

    @property
    def version_before(self) -> str:
        return version_of(self.chat_id, self.changes - 1)

    @property
    def has_room(self) -> bool:
        return len(self.members) < MEMBERS_MAX

    def find(self, who: str) -> Seat | None:
        return next((member for member in self.members if member.who == who), None)

    def externals(self) -> list[Seat]:
        return [member for member in self.members if member.kind is SeatKind.EXTERNAL]

    def with_member(self, member: Seat) -> "Group":
        return replace(self, members=(*self.members, member), changes=self.changes + 1)

    def without(self, who: str) -> "Group":
        rest = tuple(member for member in self.members if member.who != who)
        admins = tuple(admin for admin in self.admins if admin != who)
        return replace(self, members=rest, admins=admins, changes=self.changes + 1)

    def owned_by(self, userid: str, at: float) -> "Group":
        """Return the group under another owner, who sits in it from now on."""
        group = replace(self, owner=userid)
        if group.find(userid) is None:
            seat = Seat(
                who=userid, kind=SeatKind.STAFF, join_time=int(at), scene=JoinScene.INVITED, invitor=userid
            )
            group = group.with_member(seat)
        return group


def version_of(chat_id: str, changes: int) -> str:
    """Return a version as the platform writes it: 32 hex digits without an order."""
    return hashlib.md5(f"{chat_id}:{changes}".encode(), usedforsecurity=False).hexdigest()
