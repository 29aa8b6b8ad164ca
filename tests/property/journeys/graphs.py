"""Graphs people can move through and what a few people do, drawn from a seed."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from property.journeys.reference import Event
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.journeys.definition import read_definition
from quanyu.modules.journeys.graph import find_faults

NAMES = ("Start", "A", "B")
KINDS = (
    "wait", "condition", "send", "wait_event", "wait_event", "random", "wait_until", "split", "update",
    "repeat", "repeat",
)  # fmt: skip
SPANS = (0, 10, 20, 30, 60, 4000)
TEXT = {
    "account_id": encode_id("oac", 1),
    "message_kind": "customer_service_text",
    "content": {"text": "你好"},
}


ZONE = "Asia/Shanghai"  # The story begins at noon there, on a Wednesday.
# By person: an instant, a day, and nothing that names one.
DUE = {1: "2026-03-04T04:05:00Z", 2: "2026-03-04", 3: "soon"}


class Known:
    """What is known of the people of these stories: ``journeys.ports.Persons``."""

    async def canonical_ids(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, PersonId]:
        return {}

    async def attributes_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId], keys: Sequence[str]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        return {one: {key: DUE[one] for key in keys if one in DUE} for one in person_ids}

    async def zone_of(self, uow: UnitOfWork) -> str:
        return ZONE


def answers(test: Mapping[str, Any], person: int) -> bool:
    return (int(test["seed"]) + person * 7) % 3 == 0


def make_graph(random: Random, said: Mapping[str, Any] = TEXT) -> dict[str, Any]:
    """Draw a graph people can move through: mostly forward, sometimes back; ``said`` is what messages say."""
    while True:
        names = [f"n{number}" for number in range(random.randint(2, 7))]
        reentry = random.choice(
            (
                {"mode": "never"},
                {"mode": "after_exit"},
                {"mode": "cool_down", "cool_down_s": 100},
                {"mode": "per_period", "times": random.randint(1, 3), "period_s": 200},
            )
        )
        graph = {
            "entry": {"kind": "event", "event": "Start", "reentry": reentry},
            "start": "n0",
            "nodes": {name: make_node(random, names, index, said) for index, name in enumerate(names)},
            **make_rules(random),
        }
        definition = read_definition(graph)
        reached = [one for one in find_faults(definition) if "nobody can get here" not in one.en]
        if not reached:
            return graph


def make_rules(random: Random) -> dict[str, Any]:
    """Draw what ends a journey wherever somebody stands, and its goal."""
    exits = [{"kind": "event", "event": random.choice(NAMES)} for _ in range(random.choice((0, 0, 1, 2)))]
    goal = {
        "event": random.choice(NAMES),
        "within_s": random.choice((300, 400, 4000)),
        "leaves": random.random() < 0.5,
    }
    return {"exits": exits, "goal": random.choice((None, goal))}


def make_node(random: Random, names: Sequence[str], index: int, said: Mapping[str, Any]) -> dict[str, Any]:
    def target() -> str:
        back = random.random() < 0.15
        return random.choice(names[: index + 1] if back else names[index + 1 :])

    if index == len(names) - 1:
        return {"kind": "end"}
    match random.choice(
        ("wait", "condition", "send", "wait_event", "wait_event", "random", "wait_until", "split", "repeat")
    ):
        case "wait":
            return {"kind": "wait", "seconds": random.choice(SPANS), "next": target()}
        case "condition":
            return {
                "kind": "condition",
                "test": {"seed": random.randint(0, 9)},
                "yes": target(),
                "no": target(),
            }
        case "split":
            branches = [
                {"name": name, "test": {"seed": random.randint(0, 9)}, "next": target()}
                for name in random.choice(("a", "ba", "hca"))
            ]
            return {"kind": "split", "branches": branches, "otherwise": target()}
        case "repeat":
            again = random.choice(names[: index + 1])
            return {"kind": "repeat", "times": random.randint(1, 3), "again": again, "next": target()}
        case "random":
            ways = [
                {"name": name, "weight": random.randint(1, 5), "next": target()}
                for name in random.choice(("ab", "ba", "ach"))
            ]
            return {"kind": "random", "ways": ways}
        case "wait_until":
            until = make_until(random)
            missing = {"missing": target()} if until["kind"] == "date" else {}
            return {"kind": "wait_until", "until": until, "next": target(), **missing}
        case "update":
            change = {"kind": "attribute", "key": "seen", "value": index}
            return {"kind": "update", "change": change, "next": target()}
        case "send":
            return {"kind": "send", **said, "next": target()}
        case _:
            return {
                "kind": "wait_event",
                "event": random.choice(NAMES),
                "timeout_s": random.choice(SPANS[1:]),
                "matched": target(),
                "timeout": target(),
            }


def make_until(random: Random) -> dict[str, Any]:
    """Draw something to wait for around the noon at which the story begins."""
    match random.choice(("day", "date", "window")):
        case "day":
            return {"kind": "day", "day": "2026-03-04", "at": random.choice(("11:00", "12:04", "13:30"))}
        case "date":
            unit = random.choice(("minutes", "hours", "days"))
            offset = random.randint(-5, 9) if unit != "days" else random.choice((-1, 0, 0))
            at = random.choice(("12:03", "12:08", "14:00"))
            return {"kind": "date", "attribute": "due", "offset": offset, "unit": unit, "at": at}
        case _:
            opens, closes = random.choice(
                (("12:02", "12:03"), ("11:00", "12:05"), ("12:10", "12:01"), ("00:00", "00:00"))
            )
            days = random.choice(([3], [2, 3], [1, 2, 3, 4, 5, 6, 7], [4]))
            return {"kind": "window", "weekdays": days, "opens": opens, "closes": closes}


def make_history(random: Random) -> list[Event]:
    """Let a few people do things, often at the same instant."""
    happened = sorted(
        (float(random.randint(0, 80) * 10), random.randint(1, 3), random.choice(NAMES))
        for _ in range(random.randint(5, 40))
    )
    return [Event(number + 1, person, name, at) for number, (at, person, name) in enumerate(happened)]
