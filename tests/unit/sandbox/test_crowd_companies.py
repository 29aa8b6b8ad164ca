"""People and staff at companies: repeatable by seed, believable in sum, told on the wire."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from wechat_sandbox.clock import DAY_S, ManualClock
from wechat_sandbox.crowd.company import habits_of, plan_task
from wechat_sandbox.crowd.crowd import Crowd, CrowdRules
from wechat_sandbox.crowd.people import stream
from wechat_sandbox.state.wecom.audience import Audience
from wechat_sandbox.state.wecom.content import Content
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.directory import Directory
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.group_msgs import TaskStatus
from wechat_sandbox.state.wecom.join_ways import JoinWay
from wechat_sandbox.state.wecom.kf_book import KfAccount, Servicer
from wechat_sandbox.state.wecom.kf_desk import KfDesk
from wechat_sandbox.state.wecom.kf_rules import State
from wechat_sandbox.state.wecom.mass_sending import MassSending
from wechat_sandbox.state.wecom.moments import Moments
from wechat_sandbox.storage import Storage
from wechat_sandbox.tracking import Hit
from wechat_sandbox.world import Callback, World

START = 1_772_337_600.0  # Noon in China.
ONCE = {"WelcomeCode"}  # Drawn anew each time, as the platform does.


@dataclass
class Play:
    """A crowd with a company, and everything the company is told."""

    seed: int = 7
    path: Path | None = None
    told: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Storage(self.path)
        self.clock = ManualClock(START)
        self.world = World(self.store, seed=self.seed, people=80)
        self.world.restore(START)
        hook = {"url": "http://127.0.0.1:1/"}
        self.world.corps.ensure([{"hooks": dict.fromkeys(("contacts", "customers", "kf"), hook)}])
        self.crowd = Crowd(CrowdRules(seed=self.seed, people=80), self.world, self.store, self, self.clock)
        self.world.on_callback = self._hear
        self.crowd.companies.listen()
        self.crowd.begin(START)

    @property
    def corp(self) -> Corp:
        return next(iter(self.world.corps))

    def offer(self, hit: Hit) -> bool:
        return True

    def _hear(self, callback: Callback) -> None:
        if callback.account.appid == self.corp.corpid:
            fields = {name: str(value) for name, value in callback.fields.items() if name not in ONCE}
            self.told.append((str(callback.fields.get("ChangeType", callback.event)), tuple(fields.items())))

    def live(self, days: float) -> None:
        self.clock.advance(days * DAY_S)
        self.crowd.advance(self.clock.now())


@pytest.fixture
def play() -> Iterator[Play]:
    made = Play()
    yield made
    made.store.close()


def changes(play: Play) -> Counter[str]:
    return Counter(change for change, _ in play.told)


def test_people_and_staff_come_together_and_part(play: Play) -> None:
    play.live(60)
    counted = changes(play)
    assert counted["add_external_contact"] > 20
    assert counted["del_follow_user"] >= 1
    assert counted["create"] >= 1  # Members open groups,
    assert counted["update"] > counted["create"]  # and people come into them.
    assert play.crowd.counts["corp_writemember"] > play.crowd.counts["corp_answered"] > 0
    assert {group.owner for group in GroupChats(play.world, play.corp).all()} <= {
        member.userid for member in Directory(play.store, play.corp).members()
    } | {gone.userid for gone in Directory(play.store, play.corp).resigned()}


def test_the_same_seed_plays_the_same(play: Play) -> None:
    other, third = Play(), Play(seed=8)
    for one in (play, other, third):
        one.live(20)
    assert play.told == other.told
    assert play.told != third.told
    other.store.close()
    third.store.close()


def test_a_play_goes_on_after_a_restart(tmp_path: Path, play: Play) -> None:
    cut = Play(path=tmp_path / "state.db")
    cut.live(10)
    before = list(cut.told)
    cut.store.write_meta("last_id", cut.world.new_id(0.0))
    cut.store.close()
    again = Play(path=tmp_path / "state.db")
    again.clock.at = START + 10 * DAY_S
    again.live(10)
    play.live(10)
    play.live(10)
    adds = [one for one in before + again.told if one[0] == "add_external_contact"]
    assert adds == [one for one in play.told if one[0] == "add_external_contact"]
    again.store.close()


def with_customers(play: Play, days: float = 30) -> list[str]:
    """Let the company win customers; return who has some."""
    play.live(days)
    return sorted({link.userid for link in Customers(play.world, play.corp).all_links()})


def test_most_members_send_what_they_are_asked_to(play: Play) -> None:
    senders = with_customers(play)
    sending = MassSending(play.world, play.corp)
    at = play.clock.now()
    named = Audience(play.world, play.corp).customers()
    content = Content(text="新品")
    _, msgid = sending.to_customers(content, at, named=named, sender="", tags=(), select=False)
    play.live(2)
    tasks = sending.book.tasks_of(msgid)
    done = [task for task in tasks if task.status is TaskStatus.SENT]
    assert {task.userid for task in tasks} <= set(senders)
    assert 0 < len(done) <= len(tasks)
    willing = [
        plan_task(
            habits_of(play.seed, play.corp.corpid, task.userid),
            at + 2,
            stream(play.seed, "corp_task", play.corp.corpid, task.userid, "mass", msgid, int(at + 2)),
        )
        for task in tasks
    ]
    assert len(done) == sum(when is not None for when in willing)
    late = [task.userid for task in tasks if task.status is TaskStatus.NOT_SENT]
    for _ in range(3):
        assert sending.remind(msgid, play.clock.now()) == [
            task.userid for task in sending.book.tasks_of(msgid) if task.status is TaskStatus.NOT_SENT
        ]
        play.live(2)
    still = [task for task in sending.book.tasks_of(msgid) if task.status is TaskStatus.NOT_SENT]
    assert len(still) <= len(late)


def test_moments_are_published_and_liked(play: Play) -> None:
    senders = with_customers(play, 45)
    moments = Moments(play.world, play.corp)
    for number in range(6):
        moments.order(f"第{number}条", (), play.clock.now(), senders=senders, tags=(), invalid=((), (), ()))
        play.clock.advance(5)
        moments.advance(play.clock.now())
        play.live(2)
    tasks = [task for moment in moments.book.all() for task in moments.book.tasks_of(moment.moment_id)]
    published = [task for task in tasks if task.published_at]
    assert len(tasks) / 2 < len(published) <= len(tasks)
    assert sum(len(task.likes) + len(task.comments) for task in published) > 0
    assert all(like.who in task.shown for task in published for like in task.likes)


def test_people_write_to_customer_service_and_are_served(play: Play) -> None:
    desk = KfDesk(play.world, play.corp)
    staff = tuple(Servicer(userid=member.userid) for member in Directory(play.store, play.corp).members())
    desk.book.save(KfAccount(open_kfid="wk1", name="售前", servicers=staff))
    play.live(40)
    waiting = desk.book.sessions()
    assert changes(play)["kf_msg_or_event"] >= 2 * len(waiting) > 0
    session = waiting[0]
    desk.hear("wk1", session.external_userid, "text", {"content": "在吗"}, play.clock.now())
    for _ in range(4):  # Nobody answers everything.
        if desk.session("wk1", session.external_userid, play.clock.now()).state is State.ENDED:
            desk.hear("wk1", session.external_userid, "text", {"content": "在吗"}, play.clock.now())
        desk.change_state("wk1", session.external_userid, State.POOL, "", play.clock.now())
        play.live(1)
        if play.crowd.counts.get("corp_served"):
            break
        desk.change_state("wk1", session.external_userid, State.ENDED, "", play.clock.now())
    assert play.crowd.counts["corp_served"] >= 1


def test_people_scan_codes_that_lead_into_groups(play: Play) -> None:
    chats = GroupChats(play.world, play.corp)
    group = chats.create("staff01", "福利群", play.clock.now())
    chats.ways.save(JoinWay(config_id="w1", scene=2, chat_id_list=(group.chat_id,), state="poster"))
    play.live(40)
    states = [seat.state for seat in chats.get(group.chat_id).externals()]
    assert states.count("poster") >= 3


def test_after_a_reset_everything_begins_anew(play: Play) -> None:
    play.live(20)
    first = [one for one in play.told if one[0] == "add_external_contact"]
    play.told.clear()
    play.world.reset()
    play.crowd.begin_again(START)
    play.crowd.advance(START + 20 * DAY_S)
    assert [one for one in play.told if one[0] == "add_external_contact"] == first


def test_tasks_are_done_at_work() -> None:
    habits: Any = habits_of(7, "ww1", "staff01")
    night = START + 11 * 3600  # 23:00.
    instants = [plan_task(habits, night, stream("t", number)) for number in range(50)]
    hours = {int((when + 8 * 3600) % DAY_S // 3600) for when in instants if when is not None}
    assert hours == {9}
