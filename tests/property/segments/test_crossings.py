"""Replay equals batch: moved only at the instants told, everybody is at T whom a definition selects at T."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import localcontext
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from property.segments.worlds import Maker, World
from quanyu.modules.segments.oracle import DIGITS, HistoryEvent, holds
from quanyu.modules.segments.plain.companies import Place
from quanyu.modules.segments.plain.crossing import crossed_at
from quanyu.modules.segments.tree import Condition, parse_definition

TREES = 12
PROBES = 12
MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Someone:
    id: int
    attributes: Any
    events: tuple[HistoryEvent, ...]
    tags: frozenset[int]
    segments: Mapping[int, datetime]
    companies: list[Place]


def people(world: World) -> Iterator[Someone]:
    """Everybody living, as the warehouse knows them: merged ids count as who they are today."""
    for person, attributes in world.profiles.items():
        if person in world.deleted or world.aliases.get(person, person) != person:
            continue
        yield Someone(
            person,
            attributes,
            tuple(one for one in world.events if world.aliases.get(one.person, one.person) == person),
            world.tags.get(person, frozenset()),
            memberships(person, world),
            [
                place
                for one, places in world.companies.items()
                if world.aliases.get(one, one) == person
                for place in places
            ],
        )


def memberships(person: int, world: World) -> Mapping[int, datetime]:
    found = {
        segment: [at for member, at in members.items() if world.aliases.get(member, member) == person]
        for segment, members in world.segments.items()
    }
    return {segment: min(since) for segment, since in found.items() if since}


def check(random: Random, tree: Condition, someone: Someone, world: World) -> bool:
    """Compare what is told of one stretch of time with looking at instants in it; tell whether they moved."""
    until = world.as_of
    since = until - random.choice((MS, timedelta(seconds=1), timedelta(hours=1), timedelta(days=3)))

    def at(instant: datetime) -> bool:
        with localcontext(prec=DIGITS):
            return holds(tree, someone, instant, world.zone)

    now = at(until)
    told = crossed_at(tree, someone, is_in=now, since=since, until=until, zone=world.zone)
    settled = since if told is None else told
    assert since <= settled <= until
    assert told is None or at(told - MS) is not now
    probes = [settled + (until - settled) * random.random() for _ in range(PROBES)]
    for probe in [settled, settled + MS, until - MS, *probes]:
        instant = probe.replace(microsecond=probe.microsecond // 1000 * 1000)
        if settled <= instant <= until:
            assert at(instant) is now, (settled, instant)
    return told is not None


@settings(
    max_examples=24, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
@given(seed=st.integers(0, 2**32))
def test_people_move_exactly_when_told(seed: int) -> None:
    random = Random(seed)
    maker = Maker(random, first=1)
    world = maker.world()
    for _ in range(TREES):
        tree = parse_definition(maker.definition())
        for someone in people(world):
            check(random, tree, someone, world)


def test_enough_people_move_for_the_above_to_mean_something() -> None:
    random = Random(20)
    moved = 0
    for _ in range(40):
        maker = Maker(random, first=1)
        world = maker.world()
        tree = parse_definition(maker.definition())
        moved += sum(check(random, tree, someone, world) for someone in people(world))
    assert moved > 5
