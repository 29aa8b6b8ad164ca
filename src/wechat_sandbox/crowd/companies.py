"""People at the companies of the sandbox: what they decide is done, or put into the crowd's agenda."""

from typing import Any, Final

from wechat_sandbox.crowd import company as decide
from wechat_sandbox.crowd.company import (
    AddMember,
    CorpAct,
    DeleteMember,
    LeaveGroup,
    SayInGroup,
    ScanJoinWay,
    Standing,
    WriteKf,
    WriteMember,
)
from wechat_sandbox.crowd.people import Person, make_person, stream
from wechat_sandbox.crowd.staff import STAFF_ENTRIES, Entry, Plan, StaffLife, chosen
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.contact_ways import ContactWays
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, External, Link
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.kf_book import Enter
from wechat_sandbox.state.wecom.kf_desk import KfDesk
from wechat_sandbox.state.wecom.meeting import Meetings, Way
from wechat_sandbox.state.wecom.moments import Moments
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.world import World

_WEEK_S: Final = 7 * 86_400.0


class Companies:
    """What the crowd does at companies. ``plan`` puts something into the agenda."""

    def __init__(self, world: World, seed: int, plan: Plan, counts: dict[str, int]) -> None:
        self._world = world
        self._seed = seed
        self._plan = plan
        self.counts = counts
        self.staff = StaffLife(world, seed, plan, counts)

    def listen(self) -> None:
        """Hear what concerns the staff and the customers from now on."""
        self.staff.listen()
        self._world.on_moment = self._show_moment
        self._world.on_kf_answer = self._hear_kf
        self._world.on_mass = self._hear_mass

    def visit(self, index: int, ordinal: int, at: float) -> None:
        """Somebody thinks of the brand: perhaps they do something at one of its companies."""
        corps = list(self._world.corps)
        if not corps:
            return
        corp = corps[index % len(corps)]
        self.staff.settle(corp, at)
        draw = stream(self._seed, "corp", corp.corpid, index, ordinal)
        act = decide.plan_visit(self._person(index), self._standing(corp, index), draw)
        if act is not None:
            self._perform(corp, index, act, at)

    def play(self, kind: str, index: int, body: dict[str, Any], at: float) -> None:
        """Do what an entry of the agenda says."""
        corp = self._world.corps.find(body["corpid"])
        if corp is None:
            return
        try:
            if kind in STAFF_ENTRIES:
                STAFF_ENTRIES[kind](self.staff, corp, index, body, at)
            else:
                _ENTRIES[kind](self, corp, index, body, at)
        except (PlatformError, Unknown):
            self._count("corp_in_vain")  # What it was about is gone, or done by hand.

    # People

    def _standing(self, corp: Corp, index: int) -> Standing:
        external = Customers(self._world, corp).external_of(index)
        return Standing(
            members=len(self._links(corp, external)),
            groups=len(GroupChats(self._world, corp).with_external(external.external_userid)),
            has_ways=ContactWays(self._world, corp).count() > 0,
            has_join_ways=GroupChats(self._world, corp).ways.count() > 0,
            has_kf=bool(KfDesk(self._world, corp).book.accounts()),
        )

    def _perform(self, corp: Corp, index: int, act: CorpAct, at: float) -> None:
        """Let somebody do something; where the platform would refuse, nothing happens."""
        external = Customers(self._world, corp).external_of(index)
        chats, who = GroupChats(self._world, corp), external.external_userid
        try:
            match act:
                case AddMember():
                    self._add(corp, external, act, at)
                case DeleteMember():
                    link = chosen(self._links(corp, external), act.pick)
                    Meetings(self._world, corp).delete_by_customer(link, at)
                case WriteMember():
                    self._write(corp, chosen(self._links(corp, external), act.pick), act.text, index, at)
                case ScanJoinWay():
                    chats.scan(chosen(chats.ways.all(), act.pick), who, at)
                case LeaveGroup():
                    chats.leave(chosen(chats.with_external(who), act.pick).chat_id, who, at)
                case SayInGroup():
                    group = chosen(chats.with_external(who), act.pick)
                    chats.say(group.chat_id, who, "text", {"content": act.text}, at)
                case WriteKf():
                    self._write_kf(corp, who, act, at)
        except (PlatformError, Unknown):
            self._count("corp_in_vain")
            return
        self._count(f"corp_{type(act).__name__.lower()}")

    def _add(self, corp: Corp, external: External, act: AddMember, at: float) -> None:
        ways = ContactWays(self._world, corp)
        if act.by_code and ways.count():
            scanned = ways.scan(chosen(ways.all(), act.pick), external, at)
            if scanned.link is None:
                body = {"corpid": corp.corpid, "userid": scanned.userid}
                self.staff.plan_task(corp, scanned.userid, "accept", external.external_userid, at, body)
                return
            userid = scanned.userid
        else:
            member = chosen(self.staff.able(corp), act.pick)
            Meetings(self._world, corp).add(member, external, at, Way())
            userid = member.userid
        self.staff.host(corp, userid, external.external_userid, at)

    def _write(self, corp: Corp, link: Link, text: str, index: int, at: float) -> None:
        Meetings(self._world, corp).speak(link, text, at, by_customer=True)
        self.staff.answer_later(corp, link, index, at)

    def _write_kf(self, corp: Corp, who: str, act: WriteKf, at: float) -> None:
        desk = KfDesk(self._world, corp)
        account = chosen(desk.book.accounts(), act.pick)
        desk.enter(account.open_kfid, who, Enter(at=at, scene="crowd"))
        desk.hear(account.open_kfid, who, "text", {"content": act.text}, at)

    def _hear_mass(self, corpid: str, userid: str, external_userid: str, at: float) -> None:
        corp = self._world.get_corp(corpid)
        external = Customers(self._world, corp).find_external(external_userid)
        if external is None or external.person < 0:
            return
        lines = self._world.store.read_lines(
            "appid = ? AND person = ? AND kind = 'mass' AND at > ?",
            (corpid, external.person, at - _WEEK_S),
            100,
        )
        person = self._person(external.person)
        draw = stream(self._seed, "corp_mass", corpid, external.person, int(at * 1000))
        decided = decide.plan_after_mass(person, max(0, len(lines) - person.patience), at, draw)
        if decided is not None:
            text = decided[1].text if isinstance(decided[1], WriteMember) else ""
            body = {"corpid": corpid, "userid": userid, "text": text}
            self._plan(decided[0], external.person, "corp_after_mass", body)

    def _show_moment(self, corpid: str, userid: str, moment_id: str, at: float) -> None:
        corp = self._world.get_corp(corpid)
        task, customers = (
            Moments(self._world, corp).book.find_task(moment_id, userid),
            Customers(self._world, corp),
        )
        for external_userid in task.shown if task else ():
            external = customers.find_external(external_userid)
            if external is None or external.person < 0:
                continue
            draw = stream(self._seed, "corp_moment", corpid, moment_id, userid, external.person)
            decided = decide.plan_reaction(self._person(external.person), at, draw)
            if decided is not None:
                body = {"corpid": corpid, "userid": userid, "ref": moment_id, "text": decided[1]}
                self._plan(decided[0], external.person, "corp_react", body)

    def _hear_kf(self, corpid: str, open_kfid: str, external_userid: str, at: float) -> None:
        corp = self._world.get_corp(corpid)
        external = Customers(self._world, corp).find_external(external_userid)
        if external is None or external.person < 0:
            return
        said = len(KfDesk(self._world, corp).book.log(open_kfid).all())
        draw = stream(self._seed, "corp_kf", corpid, open_kfid, external.person, said)
        decided = decide.plan_kf_answer(self._person(external.person), at, draw)
        if decided is not None:
            body = {"corpid": corpid, "ref": open_kfid, "text": decided[1]}
            self._plan(decided[0], external.person, "corp_kf", body)

    # Entries of the agenda

    def _do_after_mass(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        link = self.staff.find_link(corp, index, body["userid"])
        if body["text"]:
            self._write(corp, link, body["text"], index, at)
        else:
            Meetings(self._world, corp).delete_by_customer(link, at)
        self._count("corp_after_mass")

    def _do_react(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        who = Customers(self._world, corp).external_of(index).external_userid
        Moments(self._world, corp).react(body["ref"], body["userid"], who, at, text=body["text"])
        self._count("corp_reacted")

    def _do_kf(self, corp: Corp, index: int, body: dict[str, Any], at: float) -> None:
        who = Customers(self._world, corp).external_of(index).external_userid
        KfDesk(self._world, corp).hear(body["ref"], who, "text", {"content": body["text"]}, at)
        self._count("corp_kf_heard")

    # Looking up

    def _links(self, corp: Corp, external: External) -> list[Link]:
        links = Customers(self._world, corp).links_to(external.external_userid)
        return [link for link in links if not link.deleted_by_customer]

    def _person(self, index: int) -> Person:
        return make_person(self._seed, index, self._world.people)

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


_ENTRIES: Final[dict[str, Entry]] = {
    "corp_after_mass": Companies._do_after_mass,
    "corp_react": Companies._do_react,
    "corp_kf": Companies._do_kf,
}
