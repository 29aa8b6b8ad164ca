"""What moves people: friends, prices, codes, menus, questions, too many messages."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import DAY_S, ManualClock
from wechat_sandbox.crowd import behaviour
from wechat_sandbox.crowd.acts import AnswerRequest, Biography, Follow, Say, Scan, Script, Session, Tap, Track
from wechat_sandbox.crowd.crowd import Crowd, CrowdRules
from wechat_sandbox.crowd.hands import Hands
from wechat_sandbox.crowd.people import Person, make_person
from wechat_sandbox.crowd.reactions import Occasion, plan_reaction, read
from wechat_sandbox.crowd.shopping import browse
from wechat_sandbox.relations import FollowScene
from wechat_sandbox.state.menus import Menus
from wechat_sandbox.state.notice_library import TITLES
from wechat_sandbox.state.qrcodes import QrCodes
from wechat_sandbox.state.subscriptions import Subscriptions
from wechat_sandbox.storage import Line, Storage
from wechat_sandbox.world import Callback, World

START = 1_772_337_600.0
PEOPLE = 40


class Stage:
    """A world whose callbacks are kept, and somebody's hands in it."""

    def __init__(self) -> None:
        self.store = Storage(None)
        self.world = World(self.store, seed=7, people=PEOPLE)
        self.world.restore(START)
        self.world.ensure_accounts([{}])
        self.account: Account = next(iter(self.world.accounts.values()))
        self.heard: list[Callback] = []
        self.world.on_callback = self.heard.append
        self.hands = Hands(self.world)

    def follow(self, person: int) -> None:
        self.world.follow(self.account, person, START, scene=FollowScene.SEARCH)
        self.heard.clear()

    def events(self) -> list[tuple[str, Any]]:
        return [(one.event, one.fields.get("EventKey")) for one in self.heard]


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.store.close()


def acts_of(plan: Callable[[random.Random], Session | None], times: int = 300) -> list[Any]:
    """All acts of many draws of a plan."""
    sessions = [plan(random.Random(number)) for number in range(times)]
    return [step.act for session in sessions if session for step in session.steps]


def person_with(**changes: Any) -> Person:
    return replace(make_person(7, 3, PEOPLE), **changes)


def orders_of(person: Person) -> int:
    def visit(draw: random.Random) -> Session:
        script = Script()
        browse(person, Biography(), START, draw, script, eagerness=1.0)
        return Session(behaviour.Arrival(channel="h5"), tuple(script.steps))

    acts = acts_of(visit, times=2000)
    return sum(isinstance(act, Track) and act.event == "Order Completed" for act in acts)


def test_the_thrifty_buy_less_of_what_is_dear() -> None:
    habits = {"price_ceiling_fen": 3000, "buying": 0.3}
    assert orders_of(person_with(thrift=0.9, **habits)) * 2 < orders_of(person_with(thrift=0.1, **habits))


def test_the_thrifty_come_for_a_coupon() -> None:
    def visits(thrift: float, *, deal: bool) -> int:
        person, life = person_with(thrift=thrift, chattiness=0.02), Biography()
        occasion = Occasion(ordinal=1, kind="template", deal=deal)

        def react(draw: random.Random) -> Session | None:
            decided = plan_reaction(person, life, occasion, at=START, draw=draw)
            return decided[1] if decided else None

        return sum(isinstance(act, Track) and act.type == "page" for act in acts_of(react))

    assert visits(0.9, deal=True) > visits(0.9, deal=False) * 1.4
    assert visits(0.0, deal=True) == visits(0.0, deal=False)


def test_a_friends_card_leads_to_following() -> None:
    person = person_with()
    acts = acts_of(
        lambda draw: behaviour.plan_invited(
            person, Biography(), following=False, at=START, draw=draw, what="card"
        )
    )
    assert {type(act) for act in acts} == {Follow}
    assert {act.scene for act in acts} == {FollowScene.PROFILE_CARD}
    assert 130 <= len(acts) <= 230


def test_a_shared_product_is_what_the_friend_looks_at_first() -> None:
    session = behaviour.plan_invited(
        person_with(),
        Biography(),
        following=True,
        at=START,
        draw=random.Random(1),
        what="product",
        product_id="P2104",
    )
    viewed = [step.act.properties["product_id"] for step in session.steps if _is_view(step.act)]
    assert viewed[0] == "P2104"


def _is_view(act: Any) -> bool:
    return isinstance(act, Track) and act.event == "Product Viewed"


def line(kind: str, body: dict[str, Any]) -> Line:
    return Line(appid="wx", person=1, openid="o", direction="to_person", kind=kind, at=START, body=body)


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("custom:text", {"content": "回复“开奖”参与抽奖"}, {"keyword": "开奖"}),
        ("passive:text", {"Content": "回复 1,查物流"}, {"keyword": "1"}),
        ("custom:text", {"content": "领券 https://s.example/a?utm_campaign=x"}, {"deal": True}),
        ("custom:text", {"content": "看 https://s.example/b"}, {"url": "https://s.example/b"}),
        (
            "template",
            {"title": "优惠券到期提醒", "url": "https://s.example/c"},
            {"url": "https://s.example/c"},
        ),
        ("custom:news", {"articles": [{"title": "满减", "url": "u"}]}, {"deal": True, "url": "u"}),
        ("passive:news", {"Articles": {"item": {"Title": "新品", "Url": "u"}}}, {"deal": False, "url": "u"}),
        ("custom:msgmenu", {"list": [{"id": 1, "content": "好"}]}, {"items": [("1", "好")]}),
        ("custom:image", {"media_id": "m"}, {"keyword": "", "url": "", "items": []}),
        ("passive:news", {"Articles": ""}, {"url": ""}),
    ],
)
def test_messages_are_read(kind: str, body: dict[str, Any], expected: dict[str, Any]) -> None:
    occasion = read(line(kind, body), ordinal=1, tired=0)
    assert {name: getattr(occasion, name) for name in expected} == expected
    assert occasion.kind == kind.partition(":")[0]


def test_questions_are_answered_with_what_was_offered() -> None:
    def answers(occasion: Occasion) -> set[tuple[str, str]]:
        def react(draw: random.Random) -> Session | None:
            decided = plan_reaction(person_with(), Biography(), occasion, at=START, draw=draw)
            return decided[1] if decided else None

        return {(act.menu_item, act.text) for act in acts_of(react) if isinstance(act, Say)}

    offered = [("101", "满意"), ("102", "不满意")]
    assert answers(Occasion(ordinal=1, kind="custom", items=offered)) == set(offered)
    assert answers(Occasion(ordinal=1, kind="custom", keyword="开奖")) == {("", "开奖")}


def test_codes_of_the_account_are_scanned_once_there_are_some(stage: Stage) -> None:
    scan = Scan("store_xihu", pick=0.2)
    stage.follow(1)
    assert stage.hands.perform(scan, stage.account, 1, START)
    codes = QrCodes(stage.world)
    codes.create(stage.account, scene="desk_7", is_text=True, at=START, lasts_s=None)
    codes.create(stage.account, scene="gone", is_text=True, at=START, lasts_s=60)
    later = START + 3600
    assert stage.hands.perform(Follow(FollowScene.QR_CODE, "package_card", pick=0.1), stage.account, 2, later)
    assert stage.hands.perform(Scan("store_xihu", pick=0.9), stage.account, 1, later)
    assert stage.events() == [("SCAN", "store_xihu"), ("subscribe", "qrscene_desk_7"), ("SCAN", "store_xihu")]


def test_people_use_the_menu_the_account_shows(stage: Stage) -> None:
    stage.follow(1)
    tap = Tap("NEW_ARRIVALS", pick=0.99)
    assert stage.hands.perform(tap, stage.account, 1, START)
    buttons = [
        {"type": "click", "name": "一", "key": "ONE"},
        {"type": "view", "name": "二", "url": "https://b.example"},
    ]
    camera = {"type": "pic_sysphoto", "name": "拍", "key": "SHOT"}
    Menus(stage.world, stage.account).create([*buttons, {"name": "更多", "sub_button": [camera]}])
    assert stage.hands.perform(tap, stage.account, 1, START)
    Menus(stage.world, stage.account).delete()
    assert not stage.hands.perform(tap, stage.account, 1, START)
    assert stage.events() == [("CLICK", "NEW_ARRIVALS"), ("VIEW", "https://b.example")]


def test_requests_for_notices_are_allowed_or_refused(stage: Stage) -> None:
    stage.follow(1)
    ask = AnswerRequest(openness=0.5, chances=(0.4, 0.6, 0.1))
    assert not stage.hands.perform(ask, stage.account, 1, START)  # The account asks for nothing.
    mine = Subscriptions(stage.world, stage.account)
    titles = [title for title in TITLES if len(title.keywords) >= 2][:2]
    made = [mine.add(title, [one.kid for one in title.keywords[:2]], "到货") for title in titles]
    assert stage.hands.perform(ask, stage.account, 1, START)
    kept = [mine.allowance(1, notice.template_id) for notice in made]
    assert [(one.accepted, one.rejected) for one in kept] == [(1, 0), (0, 1)]
    assert [one.event for one in stage.heard] == ["subscribe_msg_popup_event"]


def test_who_does_not_follow_does_nothing(stage: Stage) -> None:
    for act in (Tap("NEW_ARRIVALS"), Say("在吗"), AnswerRequest(1.0, (0.0, 0.0, 0.0))):
        assert not stage.hands.perform(act, stage.account, 5, START)
    assert stage.heard == []


def test_too_many_notices_are_blocked(stage: Stage) -> None:
    clock = ManualClock(START)
    crowd = Crowd(CrowdRules(seed=7, people=PEOPLE), stage.world, stage.store, _Nowhere(), clock)
    stage.world.on_received = crowd.on_message
    crowd.begin(START)
    crowd.pace = 0.0001
    crowd.redraw(START)
    for index in range(PEOPLE):
        stage.world.follow(stage.account, index, START, scene=FollowScene.SEARCH)
    for hour in range(12):
        for relation in stage.world.followers(stage.account):
            stage.world.deliver(relation, "template", {"title": "提醒", "url": ""}, START + hour * 3600)
        crowd.advance(START + hour * 3600 + 3000)
    relations = [stage.world.get_relation(stage.account, index) for index in range(PEOPLE)]
    assert sum(relation.blocks_messages for relation in relations) == crowd.counts["block"] > 0
    assert crowd.counts["unfollow"] > 0


def test_nobody_follows_a_mini_program(stage: Stage) -> None:
    stage.world.ensure_accounts([{}, {"kind": "mini_program"}, {}])
    crowd = Crowd(CrowdRules(seed=7, people=PEOPLE), stage.world, stage.store, _Nowhere(), ManualClock(START))
    crowd.begin(START)
    crowd.advance(START + 5 * DAY_S)
    followed = {one.account.name for one in stage.heard if one.event == "subscribe"}
    official = [one.name for one in stage.world.accounts.values() if one.kind == "service"]
    assert len(official) == 2
    assert followed == set(official)


class _Nowhere:
    def offer(self, hit: Any) -> bool:
        return False
