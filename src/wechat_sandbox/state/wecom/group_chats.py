"""Customer groups in motion: people join, leave and speak, staff own and rename; the corp is told.

Changes made through the API are not told (D 92130), those of people are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wechat_sandbox.state.core import Core, Unknown
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.archiving import Archiving
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.events import Fields, tell_customers
from wechat_sandbox.state.wecom.group_book import Group, JoinScene, Seat, SeatKind
from wechat_sandbox.state.wecom.ids import new_key
from wechat_sandbox.state.wecom.interception import Interception
from wechat_sandbox.state.wecom.join_ways import JoinWay, JoinWays, choose_room
from wechat_sandbox.wire.errors import PlatformError

EVENT = "change_external_chat"
# ``JoinScene`` of the event knows two ways only (D 92130).
_TOLD_SCENES = {JoinScene.INVITED: 0, JoinScene.INVITE_LINK: 0, JoinScene.QR_CODE: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """One thing that was said in a group; ``who`` is empty for notices of the platform."""

    who: str
    kind: str
    at: float
    body: dict[str, Any]


class GroupChats:
    """The customer groups of one corp."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._corpid = corp.corpid
        self._shelf = Shelf(world.store, "wecom_group", Group)
        self.ways = JoinWays(world.store, corp.corpid)

    # Looking

    def get(self, chat_id: str) -> Group:
        """Return a group (90501 no such one, 49008 dismissed)."""
        group = self._shelf.find(self._corpid, chat_id)
        if group is None:
            raise PlatformError(90501)
        if group.dismissed:
            raise PlatformError(49008)
        return group

    def all(self) -> list[Group]:
        """Return every group that was not dismissed, oldest first."""
        return [group for group in self._shelf.values(self._corpid) if not group.dismissed]

    def ever(self) -> list[Group]:
        return self._shelf.values(self._corpid)

    def owned_by(self, userid: str) -> list[Group]:
        return [group for group in self.all() if group.owner == userid]

    def with_external(self, external_userid: str) -> list[Group]:
        return [group for group in self.all() if group.find(external_userid)]

    def find_by_opengid(self, opengid: str) -> Group | None:
        return next((group for group in self.all() if group.opengid == opengid), None)

    def lines(self, chat_id: str, *, limit: int = 100) -> list[GroupLine]:
        """Return the last things said in a group, oldest first."""
        return [line for _, line in self._lines(chat_id).page(self._corpid, offset=0, count=limit)][::-1]

    # What staff do

    def create(
        self, owner: str, name: str, at: float, *, externals: Sequence[str] = (), base: int = 0
    ) -> Group:
        """A member opens a group with some of their customers."""
        chat_id = new_key(self._world, "wr", at)
        seat = Seat(who=owner, kind=SeatKind.STAFF, join_time=int(at), scene=JoinScene.INVITED, invitor=owner)
        group = Group(
            chat_id=chat_id,
            opengid=new_key(self._world, "G", at),
            name=name,
            owner=owner,
            create_time=int(at),
            base=base,
        ).with_member(seat)
        for who in externals:
            group = group.with_member(_external(who, at, JoinScene.INVITED, invitor=owner))
        self.save(group)
        self._world.facts.record(self._corpid, FactKind.GROUP_MADE, at, ref=chat_id)
        self._count_joins(group, [seat.who for seat in group.members], at)
        tell_customers(
            self._world, self._corp, EVENT, at, {"ChatId": chat_id, "ChangeType": "create"}, about=chat_id
        )
        return group

    def rename(self, chat_id: str, name: str, at: float) -> None:
        group = replace(self.get(chat_id), name=name)
        self.save(group)
        self._tell_update(group, "change_name", at, {})

    def set_notice(self, chat_id: str, notice: str, at: float) -> None:
        group = replace(self.get(chat_id), notice=notice)
        self.save(group)
        self.write(chat_id, "", "notice", {"text": notice}, at)
        self._tell_update(group, "change_notice", at, {})

    def hand_over(self, chat_id: str, new_owner: str, at: float) -> None:
        """The owner makes somebody else of the staff the owner."""
        group = self.get(chat_id).owned_by(new_owner, at)
        self.save(group)
        self._tell_update(group, "change_owner", at, {})

    def set_admins(self, chat_id: str, admins: tuple[str, ...]) -> None:
        self.save(replace(self.get(chat_id), admins=admins))

    def dismiss(self, chat_id: str, at: float) -> None:
        """The owner ends a group."""
        group = self.get(chat_id)
        self.save(replace(group, dismissed=True))
        for _ in group.members:
            self._world.facts.record(self._corpid, FactKind.GROUP_LEFT, at, ref=chat_id)
        fields: Fields = {"ChatId": chat_id, "ChangeType": "dismiss"}
        tell_customers(self._world, self._corp, EVENT, at, fields, about=chat_id)

    def remove(self, chat_id: str, who: str, at: float) -> None:
        """The owner removes somebody."""
        self._lose(chat_id, who, at, quit_scene=1)

    # What people do

    def join(
        self,
        chat_id: str,
        external_userid: str,
        at: float,
        *,
        scene: JoinScene,
        invitor: str = "",
        state: str = "",
    ) -> Group:
        """Somebody comes in; who is there already stays as they are.

        Raises:
            Unknown: the group is full.
        """
        group = self.get(chat_id)
        if group.find(external_userid) is not None:
            return group
        if not group.has_room:
            raise Unknown(f"group {chat_id} is full")
        seat = _external(external_userid, at, scene, invitor=invitor, state=state)
        group = group.with_member(seat)
        self.save(group)
        self._count_joins(group, [external_userid], at)
        self.write(chat_id, "", "joined", {"who": external_userid}, at)
        self._tell_members(group, "add_member", at, [external_userid], {"JoinScene": _TOLD_SCENES[scene]})
        return group

    def join_staff(self, chat_id: str, userid: str, at: float, *, invitor: str) -> Group:
        """A colleague is invited in."""
        group = self.get(chat_id)
        if group.find(userid) is not None:
            return group
        seat = Seat(
            who=userid, kind=SeatKind.STAFF, join_time=int(at), scene=JoinScene.INVITED, invitor=invitor
        )
        group = group.with_member(seat)
        self.save(group)
        self._count_joins(group, [userid], at)
        self._tell_members(group, "add_member", at, [userid], {"JoinScene": 0})
        return group

    def leave(self, chat_id: str, who: str, at: float) -> None:
        self._lose(chat_id, who, at, quit_scene=0)

    def scan(self, way: JoinWay, external_userid: str, at: float) -> Group:
        """Somebody scans a join way: the first of its groups with room takes them, or a new one opens.

        Raises:
            Unknown: every group is full and the way may open no other.
        """
        already = [self._shelf.find(self._corpid, chat_id) for chat_id in way.chat_id_list]
        groups = [group for group in already if group is not None]
        for group in groups:
            if not group.dismissed and group.find(external_userid):
                return group
        room = choose_room(way, groups) or self._open_room(way, groups, at)
        return self.join(room.chat_id, external_userid, at, scene=JoinScene.QR_CODE, state=way.state)

    def say(self, chat_id: str, who: str, kind: str, body: dict[str, Any], at: float) -> None:
        """Somebody in the group says something.

        Raises:
            Intercepted: a rule does not let a member of the staff write this.
        """
        group = self.get(chat_id)
        seat = group.find(who)
        if seat is None:
            raise Unknown(f"{who} is not in group {chat_id}")
        if kind == "text" and seat.kind is SeatKind.STAFF:
            Interception(self._world, self._corp).check(who, str(body.get("content", "")))
        self.write(chat_id, who, kind, body, at)
        if kind == "text":
            hearers = [seat.who for seat in group.members if seat.who != who]
            Archiving(self._world, self._corp).keep(who, hearers, kind, body, at, roomid=chat_id)
        self._world.facts.record(self._corpid, FactKind.GROUP_SAID, at, ref=f"{chat_id}\0{who}")

    # Inside, and for what the API changes

    def save(self, group: Group) -> None:
        self._shelf.put(self._corpid, group.chat_id, group)
        self._world.store.on_change(self._corpid, group.chat_id)

    def write(self, chat_id: str, who: str, kind: str, body: dict[str, Any], at: float) -> None:
        """Put something into a group's conversation."""
        lines = self._lines(chat_id)
        line = GroupLine(who=who, kind=kind, at=at, body=body)
        lines.put(self._corpid, str(lines.count(self._corpid) + 1), line)
        self._world.store.on_change(self._corpid, chat_id)

    def _open_room(self, way: JoinWay, groups: list[Group], at: float) -> Group:
        if not way.auto_create_room or not groups:
            raise Unknown("every group of this code is full")
        name, changed = way.next_room()
        room = self.create(groups[-1].owner, name, at, base=changed.opened)
        self.ways.save(changed.with_room(room.chat_id))
        return room

    def _lose(self, chat_id: str, who: str, at: float, *, quit_scene: int) -> None:
        group = self.get(chat_id)
        if group.find(who) is None:
            raise Unknown(f"{who} is not in group {chat_id}")
        group = group.without(who)
        self.save(group)
        self._world.facts.record(self._corpid, FactKind.GROUP_LEFT, at, ref=chat_id)
        self.write(chat_id, "", "left", {"who": who}, at)
        self._tell_members(group, "del_member", at, [who], {"QuitScene": quit_scene})

    def _tell_members(self, group: Group, detail: str, at: float, who: list[str], scene: Fields) -> None:
        changed: Fields = {
            **scene,
            "MemChangeCnt": len(who),
            "MemChangeList": {"Item": list(who)},
            "LastMemVer": group.version_before,
            "CurMemVer": group.version,
        }
        self._tell_update(group, detail, at, changed)

    def _tell_update(self, group: Group, detail: str, at: float, fields: Fields) -> None:
        whole: Fields = {"ChatId": group.chat_id, "ChangeType": "update", "UpdateDetail": detail, **fields}
        tell_customers(self._world, self._corp, EVENT, at, whole, about=group.chat_id)

    def _count_joins(self, group: Group, who: Sequence[str], at: float) -> None:
        for _ in who:
            self._world.facts.record(self._corpid, FactKind.GROUP_JOINED, at, ref=group.chat_id)

    def _lines(self, chat_id: str) -> Shelf[GroupLine]:
        return Shelf(self._world.store, f"wecom_group_line:{chat_id}", GroupLine)


def _external(who: str, at: float, scene: JoinScene, *, invitor: str = "", state: str = "") -> Seat:
    return Seat(who=who, kind=SeatKind.EXTERNAL, join_time=int(at), scene=scene, invitor=invitor, state=state)
