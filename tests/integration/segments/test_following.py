"""Following changed people selects whom a full evaluation selects, and looks at nobody else."""

import os
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integration.segments.test_membership import copied, create, members, merge, on_device
from integration.segments.world import Brand, happened
from property.segments.worlds import DATE_KEYS, NAMES, SPANS, Maker
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import encode_id
from quanyu.modules.segments import following
from quanyu.modules.segments.following import Follower, can_follow
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.tree import Condition, OfCompany, Tag, conditions_of, parse_definition

HOUR = {"kind": "rolling", "amount": 1, "unit": "hours"}
VIEWED: dict[str, Any] = {"kind": "event", "name": "Viewed", "window": HOUR}
BOUGHT: dict[str, Any] = {"kind": "event", "name": "Bought", "window": HOUR}
VIP = {"kind": "attribute", "key": "level", "op": "eq", "value": "vip"}
DEFINITIONS: dict[str, dict[str, Any]] = {
    "count": {**VIEWED, "count": {"op": "gte", "value": 2}},
    "not": {"kind": "all", "of": [VIP, {"kind": "not", "of": VIEWED}]},
    "recency": {
        "kind": "recency", "name": "Viewed",
        "when": {"kind": "ago", "op": "at_least", "amount": 40, "unit": "minutes"},
    },
    "sum": {
        "kind": "aggregate", "name": "Bought", "function": "sum", "window": HOUR,
        "of": {"kind": "field", "field": "properties.price"}, "test": {"op": "gt", "value": 5},
    },
    "sequence": {
        "kind": "sequence", "window": HOUR,
        "steps": [{"name": "Viewed"}, {"name": "Bought", "within": {"amount": 20, "unit": "minutes"}}],
    },
    "stopped": {
        "kind": "stopped", "name": "Viewed",
        "earlier": {"amount": 90, "unit": "minutes"}, "recent": {"amount": 30, "unit": "minutes"},
    },
    "regular": {"kind": "regular", "name": "Viewed", "period": "day", "of": 2, "at_least": 1},
    "today": {"kind": "event", "name": "Bought", "window": {"kind": "calendar", "period": "today"}},
}  # fmt: skip
AHEAD = {"kind": "ahead", "op": "at_most", "amount": 1, "unit": "days"}
# Two segments that random ones ask about: people come and go by what they do and by time alone.
ASKED: dict[str, dict[str, Any]] = {
    "buyers": {
        "kind": "event",
        "name": list(NAMES),
        "window": {"kind": "rolling", "amount": 3, "unit": "days"},
    },
    "five": {"kind": "attribute", "key": "x", "op": "ne", "value": "a"},
}
STEPS = 5
TREES = 8
SEEDS = [int(seed) for seed in os.environ.get("QUANYU_SEED", "1,2").split(",")]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each evaluation followed changed people."""
    seen: list[bool] = []
    whole = Follower.difference

    async def told(self: Follower, *asked: Any) -> Any:
        found = await whole(self, *asked)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(Follower, "difference", told)
    return seen


async def act(brand: Brand, random: Random) -> None:
    """Let some people do something, now, a while ago, or unheard of until now."""
    now = brand.clock.now()
    events = []
    for number in range(random.randint(1, 4)):
        user = f"u{random.randrange(8)}"
        at = now - timedelta(minutes=random.choice((0, 0, 1, 25, 45, 61, 95)), milliseconds=number)
        name = random.choice(("Viewed", "Viewed", "Bought"))
        events.append(happened(name, user, at, properties={"price": random.choice((1, 3, 9))}))
    if random.random() < 0.5:
        level = {"level": random.choice(("vip", "new"))}
        user = f"u{random.randrange(8)}"
        events.append(
            happened("", user, now, kind="identify", traits=level, message_id=f"t{random.random()}")
        )
    await brand.tell(*events)


async def check(
    brand: Brand, segments: dict[str, int], trees: Mapping[str, dict[str, Any]] = DEFINITIONS
) -> None:
    await brand.drain()  # Who entered and left is history, too.
    history = SegmentHistory(brand.segments._warehouse, brand.tenant)
    at = await brand.segments.evaluation(brand.uows, brand.tenant)
    for name, segment in segments.items():
        refreshed = await brand.refresher.refresh(brand.tenant, segment)
        whole = await history.everybody(parse_definition(trees[name]), at, most=100)
        assert await members(brand, segment) == await copied(brand, segment) == whole, name
        assert refreshed.count == len(whole), name


async def test_following_selects_whom_a_full_evaluation_selects(brand: Brand, looked: list[bool]) -> None:
    random = Random(7)
    segments = {name: await create(brand, tree, name) for name, tree in DEFINITIONS.items()}
    await brand.tell(*(on_device(user, brand.clock.now()) for user in "xy"))
    for _ in range(STEPS):
        await act(brand, random)
        await check(brand, segments)
        brand.clock.advance(timedelta(minutes=random.choice((1, 7, 20, 61)), milliseconds=1))
    await merge(brand, "x", "y")
    await check(brand, segments)
    # All but the first, and those a local midnight came between, were followed.
    assert looked[: len(segments)] == [False] * len(segments)
    assert looked[len(segments) :].count(True) == len(segments) * STEPS


def followable_trees(maker: Maker, count: int) -> dict[str, dict[str, Any]]:
    """Random definitions that changed people are followed for; tags and firms would have to exist."""
    trees: dict[str, dict[str, Any]] = {}
    while len(trees) < count:
        tree = maker.definition()
        parsed = parse_definition(tree)
        if can_follow(parsed) and not any(_asks_elsewhere(node) for node in conditions_of(parsed)):
            trees[f"tree {len(trees)}"] = tree
    return trees


def _asks_elsewhere(node: Condition) -> bool:
    return isinstance(node, Tag) or (isinstance(node, OfCompany) and node.segment is not None)


async def live(brand: Brand, maker: Maker, step: int) -> None:
    """Let something random become known: acts on and beside the borders of windows, some of long ago."""
    now, random = brand.clock.now(), maker.random
    maker.as_of = now
    events = [
        happened(
            maker.pick(*NAMES, NAMES[0], "Other"),
            f"u{random.randrange(8)}",
            min(maker.instant(), now),
            message_id=f"{step}:{number}",
            properties=maker.json_object() | maker.pick({}, {"revenue": 5, "order_id": "o1"}),
        )
        for number in range(random.randint(1, 8))
    ]
    if maker.pick(True, False):
        traits = {key: maker.date() for key in DATE_KEYS} | {"x": maker.pick(1, 5, "a", True)}
        user = f"u{random.randrange(8)}"
        events.append(happened("", user, now, kind="identify", traits=traits, message_id=f"{step}:told"))
    await brand.tell(*events)


@pytest.mark.parametrize("seed", SEEDS)
async def test_following_random_trees_through_random_days(
    brand: Brand, looked: list[bool], seed: int
) -> None:
    """Whatever is asked and whenever it becomes known, live members equal a full evaluation."""
    print(f"QUANYU_SEED={seed}")
    maker = Maker(Random(seed), first=1)
    maker.as_of, maker.zone = brand.clock.now(), ZoneInfo("Asia/Shanghai")
    maker.segments = tuple([await create(brand, asked, name) for name, asked in ASKED.items()])
    trees = {**ASKED, **followable_trees(maker, TREES)}
    created = [await create(brand, tree, name) for name, tree in trees.items() if name not in ASKED]
    segments = dict(zip(trees, [*maker.segments, *created], strict=True))
    await brand.tell(*(on_device(user, brand.clock.now()) for user in "xy"))
    for step in range(STEPS):
        await live(brand, maker, step)
        await check(brand, segments, trees)
        amount, unit = maker.pick(*SPANS)
        brand.clock.advance(timedelta(**{unit: amount}) - timedelta(milliseconds=maker.pick(0, 1)))
        await check(brand, segments, trees)
    await merge(brand, "x", "y")
    await check(brand, segments, trees)
    print(f"{looked.count(True)} of {len(looked)} evaluations followed changed people")
    assert looked.count(True) > len(looked) // 4


def in_buyers(buyers: int, **since: Any) -> dict[str, Any]:
    return {"kind": "segment", "segment": encode_id("seg", buyers), **since}


async def test_people_are_followed_through_segments_asked_about(brand: Brand, looked: list[bool]) -> None:
    """SG `in segment X`, `entered / left X`: only whom X took in, let go or kept long enough is looked at."""
    random = Random(11)
    buyers = await create(brand, BOUGHT, "buyers")
    half_an_hour = {"amount": 30, "unit": "minutes"}
    trees: dict[str, dict[str, Any]] = {
        "buyers": BOUGHT,
        "in": in_buyers(buyers),
        "not in": {"kind": "not", "of": in_buyers(buyers)},
        "long": in_buyers(buyers, since={"kind": "ago", "op": "at_least", **half_an_hour}),
        "new": in_buyers(buyers, since={"kind": "rolling", **half_an_hour}),
        "left": {
            "kind": "segment_move",
            "segment": encode_id("seg", buyers),
            "move": "left",
            "window": {"kind": "rolling", "amount": 1, "unit": "hours"},
        },
    }
    made = [await create(brand, tree, name) for name, tree in trees.items() if name != "buyers"]
    segments = dict(zip(trees, [buyers, *made], strict=True))
    await brand.tell(*(on_device(user, brand.clock.now()) for user in "xy"))
    for _ in range(STEPS):
        await act(brand, random)
        await check(brand, segments, trees)
        brand.clock.advance(timedelta(minutes=random.choice((1, 7, 29, 30, 61)), milliseconds=1))
        await check(brand, segments, trees)
    await merge(brand, "x", "y")
    await check(brand, segments, trees)
    # Only the first of each, and those before which a local midnight came, was in full.
    assert looked[len(segments) :].count(False) == 0


async def test_much_that_changed_is_evaluated_in_full(
    brand: Brand, looked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PEOPLE_MAX", 1)
    segment = {"count": await create(brand, DEFINITIONS["count"], "count")}
    await check(brand, segment)
    now = brand.clock.now()
    for user in ("a", "b", "c"):
        await brand.tell(happened("Viewed", user, now), happened("Viewed", user, now, message_id=f"{user}2"))
    await check(brand, segment)
    monkeypatch.setattr(following, "PEOPLE_MAX", 100)
    monkeypatch.setattr(following, "FULL_EVERY_S", 0.0)
    await check(brand, segment)
    assert looked == [False, False, False]


@pytest.mark.parametrize(
    ("definition", "can"),
    [
        (VIEWED, True),
        (VIP, True),
        ({**VIEWED, "each": "items"}, False),
        ({"kind": "not", "of": {"kind": "segment", "segment": "seg_1"}}, True),
        ({"kind": "segment_move", "segment": "seg_1", "move": "left"}, True),
        ({"kind": "date", "key": "birthday", "when": {"kind": "days", "from": 0, "to": 3}}, True),
        (
            {"kind": "date", "key": "end", "when": AHEAD},
            False,
        ),
    ],
)  # fmt: skip
def test_only_what_leaves_a_trace_is_followed(definition: dict[str, Any], can: bool) -> None:
    assert can_follow(parse_definition(definition)) is can


async def test_what_came_since_is_found_without_reading_what_came_before(
    brand: Brand, warehouse: Warehouse
) -> None:
    # A merge would put other brands' newer batches beside these; each batch stays a part of its own.
    await warehouse.command("SYSTEM STOP MERGES events")
    for number in range(3):
        await brand.tell(happened("Viewed", f"u{number}", brand.clock.now() - timedelta(minutes=number)))
        await brand.drain()
    gate = warehouse.for_tenant(brand.tenant)
    [(newest,)] = await gate.query("SELECT max(batch_id) FROM events WHERE tenant_id = {tenant:UInt32}")
    [(parts,)] = await gate.query(
        "SELECT uniqExact(_part) FROM events "
        "WHERE tenant_id = {tenant:UInt32} AND batch_id >= {newest:UInt64}",
        {"newest": newest},
    )

    plan = await gate.query(
        "EXPLAIN indexes = 1 SELECT person FROM events "
        "WHERE tenant_id = {tenant:UInt32} AND batch_id >= {newest:UInt64}",
        {"newest": newest},
    )
    await warehouse.command("SYSTEM START MERGES events")

    lines = [line.strip() for (line,) in plan]
    skipped = lines[lines.index("Name: newest_batch") :]
    left, before = next(line for line in skipped if line.startswith("Parts: "))[len("Parts: ") :].split("/")
    assert int(left) == parts < int(before)
