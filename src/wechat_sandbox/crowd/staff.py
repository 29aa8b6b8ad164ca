"""The staff of companies: they do what their client asks, answer, accept, host groups, and leave one day."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from wechat_sandbox.clock import china_day
from wechat_sandbox.crowd import company as decide
from wechat_sandbox.crowd.people import stream
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.contact_ways import ContactWays
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, Link
from wechat_sandbox.state.wecom.directory import Directory, Member, Status
from wechat_sandbox.state.wecom.group_book import JoinScene
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.kf_desk import KfDesk
from wechat_sandbox.state.wecom.kf_rules import State
from wechat_sandbox.state.wecom.mass_sending import MassSending
from wechat_sandbox.state.wecom.meeting import Meetings
from wechat_sandbox.state.wecom.moments import Moments
from wechat_sandbox.state.wecom.staffing import Staffing
from wechat_sandbox.world import World

T = TypeVar("T")
Plan = Callable[[float, int, str, dict[str, Any]], None]  # (instant, person, kind, body)
NOBODY: Final = -1  # The person of an entry about the staff.
MARK: Final = "corp_"  # How the kinds of our entries begin.
_STAFF_LEAST: Final = 3  # So many stay.
_GROUP_FROM: Final = 3  # Customers a member has before they open a group.


class StaffLife:
    """What the staff does. ``plan`` puts something into the crowd's agenda."""

    def __init__(self, world: World, seed: int, plan: Plan, counts: dict[str, int]) -> None:
        self._world = world
        self._seed = seed
        self._plan = plan
        self._counts = counts
        self.pace = 1.0
        self._settled_on: dict[str, str] = {}  # Company → day on which its staff was last looked through.

    def listen(self) -> None:
        """Hear from now on what members are asked to do."""
        self._world.on_staff_task = self._ask_member
        self._world.on_kf_wait = self._call_servicer

    def forget(self) -> None:
        """Decide anew who leaves when, after everything played was forgotten."""
        self._settled_on.clear()
        for corp in self._world.corps:
            self._world.store.drop_meta(_settled(corp))

    def able(self, corp: Corp) -> list[Member]:
        """Return who can take customers."""
        members = Directory(self._world.store, corp).members()
        return [one for one in members if one.status == Status.ACTIVE and one.follows_customers]

    def find_link(self, corp: Corp, index: int, userid: str) -> Link:
        """Return the relation of a member with a person, while it holds on both sides."""
        external = Customers(self._world, corp).external_of(index)
        link = Customers(self._world, corp).find_link(userid, external.external_userid)
        if link is None or link.deleted_by_customer:
            raise Unknown(f"{userid} does not have this customer")
        return link

    def answer_later(self, corp: Corp, link: Link, index: int, at: float) -> None:
        """Let a member answer what a customer has just written, or not."""
        draw = stream(self._seed, "corp_answer", corp.corpid, link.userid, index, link.heard)
        answer = decide.plan_answer(decide.habits_of(self._seed, corp.corpid, link.userid), at, draw)
        if answer is not None:
            body = {"corpid": corp.corpid, "userid": link.userid, "text": answer[1]}
            self._plan(answer[0], index, "corp_answer", body)

    def _ask_member(self, corpid: str, userid: str, kind: str, ref: str, at: float) -> None:
        body = {"corpid": corpid, "userid": userid}
        self.plan_task(self._world.get_corp(corpid), userid, kind, ref, at, body)

    def plan_task(
        self, corp: Corp, userid: str, kind: str, ref: str, at: float, body: dict[str, Any]
    ) -> None:
        """Put a member's task into the agenda, if they will do it at all."""
        draw = stream(self._seed, "corp_task", corp.corpid, userid, kind, ref, int(at))
        when = decide.plan_task(decide.habits_of(self._seed, corp.corpid, userid), at, draw)
        if when is None:
            self._count("corp_task_ignored")
            return
        self._plan(when, NOBODY, f"{MARK}{kind}", body | {"ref": ref})

    def settle(self, corp: Corp, at: float) -> None:
        """Decide once for each member when they leave."""
        if self._settled_on.get(corp.corpid) == china_day(at):
            return
        self._settled_on[corp.corpid] = china_day(at)
        known = self._world.store.read_meta(_settled(corp)) or []
        fresh = [
            one.userid for one in Directory(self._world.store, corp).members() if one.userid not in known
        ]
        if not fresh:
            return
        self._world.store.write_meta(_settled(corp), [*known, *fresh])
        for userid in fresh:
            draw = stream(self._seed, "corp_leaves", corp.corpid, userid)
            when = at + decide.leaves_after_s(draw, self.pace)
            self._plan(when, NOBODY, "corp_leave", {"corpid": corp.corpid, "userid": userid})

    def host(self, corp: Corp, userid: str, external_userid: str, at: float) -> None:
        """A member with customers may open a group, and takes new ones into it."""
        chats, habits = GroupChats(self._world, corp), decide.habits_of(self._seed, corp.corpid, userid)
        draw = stream(self._seed, "corp_host", corp.corpid, userid, external_userid)
        own = next((group for group in chats.owned_by(userid) if group.has_room), None)
        if draw.random() >= habits.hosting:
            return
        if own is not None:
            chats.join(own.chat_id, external_userid, at, scene=JoinScene.INVITED, invitor=userid)
            return
        mine = [link.external_userid for link in Customers(self._world, corp).links_of(userid)]
        if len(mine) >= _GROUP_FROM:
            member = Directory(self._world.store, corp).find(userid)
            chats.create(
                userid, f"{member.name if member else userid}的福利群", at, externals=mine[-_GROUP_FROM:]
            )
            self._count("corp_group_opened")

    def _call_servicer(
        self, corpid: str, open_kfid: str, external_userid: str, userid: str, at: float
    ) -> None:
        """A customer of 微信客服 waits for a servicer, or for one of those at work."""
        corp = self._world.get_corp(corpid)
        external = Customers(self._world, corp).find_external(external_userid)
        if external is None or external.person < 0:
            return
        desk = KfDesk(self._world, corp)
        account = desk.book.get(open_kfid)
        staff = [one.userid for one in self.able(corp) if desk.serves(account, one.userid)]
        draw = stream(self._seed, "corp_serve", corpid, open_kfid, external_userid, int(at))
        servicer = userid or (draw.choice(staff) if staff else "")
        decided = decide.plan_answer(decide.habits_of(self._seed, corpid, servicer), at, draw)
        if servicer and decided is not None:
            body = {"corpid": corpid, "userid": servicer, "ref": open_kfid, "text": decided[1]}
            self._plan(decided[0], external.person, "corp_serve", body)
            self._plan(decided[0] + draw.uniform(120.0, 900.0), external.person, "corp_end", body)

    # Entries of the agenda

    def _do_mass(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        MassSending(self._world, corp).confirm(body["userid"], body["ref"], at)
        self._count("corp_mass_confirmed")

    def _do_moment(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        moments = Moments(self._world, corp)
        moments.advance(at)
        moments.publish(body["userid"], body["ref"], at)
        self._count("corp_moment_published")

    def _do_accept(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        ways = ContactWays(self._world, corp)
        request = ways.find_request(body["userid"], body["ref"])
        if request is not None:
            ways.accept(request, at)
            self.host(corp, body["userid"], body["ref"], at)
            self._count("corp_accepted")

    def _do_answer(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        link = self.find_link(corp, index, body["userid"])
        Meetings(self._world, corp).speak(link, body["text"], at, by_customer=False)
        self._count("corp_answered")

    def _do_serve(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        desk, who = KfDesk(self._world, corp), Customers(self._world, corp).external_of(index).external_userid
        if desk.session(body["ref"], who, at).state is State.POOL:
            desk.take(body["ref"], who, body["userid"], at)
        desk.answer(body["ref"], who, "text", {"content": body["text"]}, at)
        self._count("corp_served")

    def _do_end(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        who = Customers(self._world, corp).external_of(index).external_userid
        KfDesk(self._world, corp).end(body["ref"], who, at)
        self._count("corp_ended")

    def _do_leave(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        directory = Directory(self._world.store, corp)
        member = directory.find(body["userid"])
        if member is not None and len(directory.members()) > _STAFF_LEAST:
            Staffing(self._world, corp).leave(member, at)
            self._count("corp_left")

    def _count(self, name: str) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1


def _settled(corp: Corp) -> str:
    """Return the key under which is kept of whom it is decided when they leave."""
    return f"corp_crowd:{corp.corpid}"


def chosen(items: Sequence[T], pick: float) -> T:
    """Return one of several by a number from 0 to 1."""
    if not items:
        raise Unknown("there is nothing to choose from")
    return items[int(pick * len(items))]


Entry = Callable[[Any, Corp, int, dict[str, Any], float], None]
STAFF_ENTRIES: Final[dict[str, Entry]] = {
    "corp_mass": StaffLife._do_mass,
    "corp_reminder": StaffLife._do_mass,
    "corp_moment": StaffLife._do_moment,
    "corp_accept": StaffLife._do_accept,
    "corp_answer": StaffLife._do_answer,
    "corp_serve": StaffLife._do_serve,
    "corp_end": StaffLife._do_end,
    "corp_leave": StaffLife._do_leave,
}
