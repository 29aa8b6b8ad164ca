"""Graphs people can move through and what a few people do, drawn from a seed."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from property.journeys.reference import Event
from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.definition import read_definition
from quanyu.modules.journeys.graph import find_faults

NAMES = ("Start", "A", "B")
SPANS = (0, 10, 20, 30, 60, 4000)
TEXT = {
    "account_id": encode_id("oac", 1),
    "message_kind": "customer_service_text",
    "content": {"text": "你好"},
}


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
    match random.choice(("wait", "condition", "send", "wait_event", "wait_event", "random")):
        case "wait":
            return {"kind": "wait", "seconds": random.choice(SPANS), "next": target()}
        case "condition":
            return {
                "kind": "condition",
                "test": {"seed": random.randint(0, 9)},
                "yes": target(),
                "no": target(),
            }
        case "random":
            ways = [
                {"name": name, "weight": random.randint(1, 5), "next": target()}
                for name in random.choice(("ab", "ba", "ach"))
            ]
            return {"kind": "random", "ways": ways}
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


def make_history(random: Random) -> list[Event]:
    """Let a few people do things, often at the same instant."""
    happened = sorted(
        (float(random.randint(0, 80) * 10), random.randint(1, 3), random.choice(NAMES))
        for _ in range(random.randint(5, 40))
    )
    return [Event(number + 1, person, name, at) for number, (at, person, name) in enumerate(happened)]
