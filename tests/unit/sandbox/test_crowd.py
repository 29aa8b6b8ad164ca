"""The crowd: repeatable by seed, believable in sum, valid on the wire."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from wechat_sandbox.clock import DAY_S, ManualClock
from wechat_sandbox.crowd.catalogue import BY_ID, PRODUCTS
from wechat_sandbox.crowd.crowd import Crowd, CrowdRules
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.relations import FollowScene
from wechat_sandbox.storage import Storage
from wechat_sandbox.tracking import Hit
from wechat_sandbox.world import Callback, World

START = 1_772_337_600.0
PEOPLE = 60


@dataclass
class Play:
    """A crowd over a real world, with everything it does written down."""

    seed: int = 7
    path: Path | None = None
    people: int = PEOPLE
    hits: list[Hit] = field(default_factory=list)
    acts: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Storage(self.path)
        self.clock = ManualClock(START)
        self.world = World(self.store, seed=self.seed, people=self.people)
        self.world.restore(START)
        self.world.ensure_accounts([{}])
        self.account = next(iter(self.world.accounts.values()))
        rules = CrowdRules(seed=self.seed, people=self.people)
        self.crowd = Crowd(rules, self.world, self.store, self, self.clock)
        self.world.on_callback = self._note_callback
        self.world.on_received = self.crowd.on_message

    def offer(self, hit: Hit) -> bool:
        self.hits.append(hit)
        self.acts.append(("hit", hit.message_id, hit.type, hit.event, hit.person, hit.at))
        return True

    def _note_callback(self, callback: Callback) -> None:
        fields = {name: value for name, value in callback.fields.items() if name != "MsgId"}
        self.acts.append(("callback", callback.event, callback.create_time, tuple(map(str, fields.items()))))


@pytest.fixture
def play() -> Iterator[Play]:
    made = Play()
    yield made
    made.store.close()


def run(seed: int, days: float) -> list[tuple[Any, ...]]:
    made = Play(seed=seed)
    made.crowd.begin(START)
    made.crowd.advance(START + days * DAY_S)
    made.store.close()
    return made.acts


def test_the_same_seed_and_start_give_the_same_acts() -> None:
    first, second = run(7, 5), run(7, 5)
    assert len(first) > 300
    assert first == second


def test_the_pieces_of_time_do_not_matter(play: Play) -> None:
    play.crowd.begin(START)
    for hour in range(5 * 24):
        play.crowd.advance(START + (hour + 1) * 3600)
    assert play.acts == run(7, 5)


def test_another_seed_gives_other_acts() -> None:
    assert run(7, 2) != run(8, 2)


def test_acts_come_in_order_of_time(play: Play) -> None:
    play.crowd.begin(START)
    play.crowd.advance(START + 3 * DAY_S)
    instants = [hit.at for hit in play.hits]
    assert instants == sorted(instants)


def test_people_do_everything_a_shop_sees(play: Play) -> None:
    play.crowd.begin(START)
    play.crowd.advance(START + 30 * DAY_S)
    names = Counter(hit.event or hit.type for hit in play.hits)
    assert set(names) == {
        "page", "identify", "Product Viewed", "Product Added", "Checkout Started", "Order Completed",
        "Order Refunded", "Product Shared",
    }  # fmt: skip
    assert (
        names["Product Viewed"]
        > names["Product Added"]
        > names["Checkout Started"]
        > names["Order Completed"]
    )
    events = Counter(act[1] for act in play.acts if act[0] == "callback")
    assert {"subscribe", "unsubscribe", "CLICK", "VIEW", "SCAN", "message:text"} <= set(events)
    followers = {relation.person for relation in play.world.followers(play.account)}
    assert len(followers) == events["subscribe"] - events["unsubscribe"]


def test_hits_are_valid_tracking_calls(play: Play) -> None:
    play.crowd.begin(START)
    play.crowd.advance(START + 20 * DAY_S)
    assert len({hit.message_id for hit in play.hits}) == len(play.hits)
    for hit in play.hits:
        wire = hit.wire()
        assert wire["type"] in {"track", "page", "identify"}
        assert wire["anonymousId"] == make_person(7, hit.person, PEOPLE).anonymous_id
        at = datetime.fromisoformat(wire["timestamp"]).timestamp()
        assert abs(at - hit.at) <= 0.001
        assert wire["originalTimestamp"] == wire["timestamp"]
        assert wire["context"]["page"]["url"].startswith("https://")
        assert wire["context"]["app"]["namespace"] == play.account.appid
        for external in wire["context"].get("externalIds", []):
            relation = play.world.get_relation(play.account, hit.person)
            assert external == {
                "id": relation.openid,
                "type": "openid",
                "collection": "users",
                "encoding": "none",
                "scope": play.account.appid,
            }


def test_orders_add_up_to_the_fen(play: Play) -> None:
    play.crowd.begin(START)
    play.crowd.advance(START + 30 * DAY_S)
    orders = {}
    for hit in play.hits:
        if hit.event != "Order Completed":
            continue
        order = hit.body["properties"]
        lines = sum(Decimal(str(line["price"])) * line["quantity"] for line in order["products"])
        assert Decimal(str(order["revenue"])) == lines - Decimal(str(order["discount"]))
        assert Decimal(str(order["total"])) == Decimal(str(order["revenue"])) + Decimal(
            str(order["shipping"])
        )
        assert order["currency"] == "CNY"
        assert all(line["product_id"] in BY_ID for line in order["products"])
        orders[order["order_id"]] = Decimal(str(order["revenue"]))
    assert len(orders) == sum(hit.event == "Order Completed" for hit in play.hits)
    for hit in play.hits:
        if hit.event == "Order Refunded":
            refund = hit.body["properties"]
            assert Decimal(0) < Decimal(str(refund["revenue"])) <= orders[refund["order_id"]]


def test_registering_names_the_person_from_then_on(play: Play) -> None:
    play.crowd.begin(START)
    play.crowd.advance(START + 30 * DAY_S)
    members: set[int] = set()
    for hit in play.hits:
        if hit.type == "identify":
            members.add(hit.person)
            assert hit.body["traits"]["nickname"] == make_person(7, hit.person, PEOPLE).nickname
        assert ("userId" in hit.body) == (hit.person in members)
    assert members


def test_a_message_brings_people_back(play: Play) -> None:
    play.crowd.begin(START)
    play.crowd.pace = 0.0001  # Nobody comes on their own again.
    play.crowd.redraw(START)
    for index in range(PEOPLE):
        play.world.follow(play.account, index, START, scene=FollowScene.SEARCH)
        relation = play.world.get_relation(play.account, index)
        play.world.deliver(relation, "template", {"url": "https://s.example/?utm_campaign=may"}, START + 1)
    play.crowd.advance(START + DAY_S)
    pages = [hit for hit in play.hits if hit.type == "page"]
    visits = [hit for hit in pages if hit.body["context"]["scene"] == "message"]  # The rest: friends.
    assert 10 <= len(visits) <= 30
    assert {hit.body["context"]["campaign"]["name"] for hit in visits} == {"may"}
    assert {hit.body["context"]["page"]["url"] for hit in visits} == {"https://s.example/?utm_campaign=may"}


def test_too_many_messages_drive_people_away(play: Play) -> None:
    play.crowd.begin(START)
    play.crowd.pace = 0.0001
    play.crowd.redraw(START)
    for index in range(PEOPLE):
        play.world.follow(play.account, index, START, scene=FollowScene.SEARCH)
    for hour in range(20):
        at = START + hour * 3600
        for relation in play.world.followers(play.account):
            play.world.deliver(relation, "custom:text", {"content": "买"}, at)
        play.crowd.advance(at + 3000)
    assert len(play.world.followers(play.account)) < PEOPLE / 2


def test_a_restart_goes_on_with_the_same_agenda(tmp_path: Path) -> None:
    whole = run(7, 4)
    first = Play(path=tmp_path / "s.db")
    first.crowd.begin(START)
    # Stop between sessions: acts of a session under way are not kept.
    cut = START + 2 * DAY_S
    first.crowd.advance(cut)
    first.store.close()
    second = Play(path=tmp_path / "s.db")
    second.crowd.begin(cut)
    second.crowd.advance(START + 4 * DAY_S)
    second.store.close()
    later = [act for act in second.acts if act[0] == "hit"]
    expected = [act for act in whole if act[0] == "hit" and act[5] > cut]
    assert len(later) > 100
    assert len(set(expected) - set(later)) < 20
    assert set(later) <= set(expected)


def test_a_population_may_grow(tmp_path: Path) -> None:
    first = Play(path=tmp_path / "s.db", people=5)
    first.crowd.begin(START)
    first.store.close()
    second = Play(path=tmp_path / "s.db", people=9)
    second.crowd.begin(START)
    assert sorted(person for _, _, person, _, _ in second.store.read_agenda()) == list(range(9))
    second.store.close()


def test_people_are_made_of_their_number() -> None:
    people = [make_person(3, index, 500) for index in range(500)]
    phones = [person.phone for person in people if person.phone]
    assert len(set(phones)) == len(phones)
    assert all(len(phone) == 11 and phone.startswith("1") for phone in phones)
    assert len({person.anonymous_id for person in people}) == 500
    assert all(0 <= friend < 500 and friend != person.index for person in people for friend in person.friends)


def test_prices_are_whole_fen() -> None:
    assert len({product.product_id for product in PRODUCTS}) == len(PRODUCTS) == 24
    assert all(product.price_fen > 0 for product in PRODUCTS)
