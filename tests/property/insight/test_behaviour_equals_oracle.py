"""The compilers on the real engine and the plain search agree on every random history.

SG:sequence — each step a different event, the same millisecond counts as ordered, the window's end is met.
"""

import copy
import itertools
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from property.insight import oracle
from property.insight.oracle import Happening, View
from property.segments.history import insert, stamp
from quanyu.modules.events.asking.filters import Filter
from quanyu.modules.insight.behaviour.distribution import DistributionCompiler
from quanyu.modules.insight.behaviour.funnel import FunnelCompiler
from quanyu.modules.insight.behaviour.language import (
    DistributionQuestion,
    Funnel,
    PathPoint,
    Paths,
    Retention,
    Trend,
)
from quanyu.modules.insight.behaviour.paths import PathsCompiler, tops_of
from quanyu.modules.insight.behaviour.periods import Days, days_of
from quanyu.modules.insight.behaviour.retention import RetentionCompiler, unit_number
from quanyu.modules.insight.behaviour.sources import Asked, group_of
from quanyu.modules.insight.behaviour.trend import TrendCompiler, bucket_span

PEOPLE = 8
QUESTIONS = 2  # Of each kind, to one history.
NAMES = ("A", "A", "B", "B", "C", "Other")
COLORS = (None, "red", "blue", 5, "5", True)
ZONES = ("Asia/Shanghai", "America/New_York", "UTC", "Asia/Kathmandu")
# New York changes to summer time on that day.
NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)
_RUNS = itertools.count(1)


class World:
    """Random histories bent towards midnights, window ends and equal milliseconds."""

    def __init__(self, random: Random, run: int) -> None:
        self.random = random
        self.zone = ZoneInfo(random.choice(ZONES))
        self.as_of = NOON + timedelta(milliseconds=random.choice((0, 1, 50_400_000)))
        self.ids = range(2_000_000 + run * PEOPLE, 2_000_000 + (run + 1) * PEOPLE)
        self.aliases = {one: self.ids[0] for one in self.ids[1:] if random.random() < 0.15}
        count = random.randint(10, 45)
        arrivals = random.sample(range(1, count + 1), count)  # Late events: they arrive in any order.
        self.events = [(random.choice((0, *self.ids)), self.happening(place)) for place in arrivals]
        self.histories = oracle.by_person(self.events, self.aliases)

    def happening(self, position: int) -> Happening:
        random = self.random
        day = self.as_of.astimezone(self.zone).date() - timedelta(
            days=random.choice((-1, 0, 0, 1, 1, 2, 3, 8))
        )
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
        base = random.choice((midnight, midnight, self.as_of))
        offset = timedelta(
            hours=random.choice((0, 0, 1, 2, 23)), milliseconds=random.choice((-1, 0, 0, 0, 1))
        )
        return Happening(base + offset, position, random.choice(NAMES), random.choice(COLORS))

    def load(self, client: Any, tenant: int) -> None:
        rows = [
            {
                "tenant_id": tenant,
                "name": event.name,
                "person": person,
                "occurred_at": stamp(event.at),
                "position": event.position,
                "properties": {} if event.color is None else {"color": event.color},
            }
            for person, event in self.events
        ]
        insert(client, "events", rows)
        insert(
            client,
            "person_alias",
            [
                {"tenant_id": tenant, "person": one, "canonical": other, "version": 1}
                for one, other in self.aliases.items()
            ],
        )
        client.command("SYSTEM RELOAD DICTIONARY person_canonical")

    def of_color(self, color: str) -> "World":
        """The same people, as if nothing else had ever happened to them."""
        other = copy.copy(self)
        other.histories = {
            who: kept
            for who, events in self.histories.items()
            if (kept := [event for event in events if event.color == color])
        }
        return other

    def choice(self, *names: str) -> dict[str, Any]:
        where = []
        if self.random.random() < 0.3:
            where = [{"field": "properties.color", "op": "eq", "value": self.random.choice(COLORS[1:])}]
        return {"name": self.random.choice((*names, ["A", "B"]) if len(names) > 1 else names), "where": where}

    def common(self) -> dict[str, Any]:
        today = self.as_of.astimezone(self.zone).date()
        dates = {
            "kind": "dates",
            "from": str(today - timedelta(days=3)),
            "to": str(today - timedelta(days=1)),
        }
        last = {"kind": "last_days", "days": self.random.choice((1, 2, 4, 9))}
        return {"period": self.random.choice((dates, last)), "as_of": self.as_of}

    def funnel(self) -> Funnel:
        order = self.random.choice(("ordered", "ordered", "strict", "any"))
        count = self.random.randint(2, 4)
        if order == "any":
            steps = [self.choice(name) for name in self.random.sample(("A", "B", "C"), min(count, 3))]
        else:
            steps = [self.choice("A", "B", "C") for _ in range(count)]
        amount, unit = self.random.choice(
            ((1, "seconds"), (1, "hours"), (1, "days"), (24, "hours"), (7, "days"))
        )
        return Funnel.model_validate(
            {
                **self.common(),
                "steps": steps,
                "order": order,
                "window": {"amount": amount, "unit": unit},
                "breakdown": {"kind": "event", "field": "properties.color"},
            }
        )

    def retention(self) -> Retention:
        mode = self.random.choice(("on", "on_or_after", "rolling"))
        return Retention.model_validate(
            {
                **self.common(),
                "first": self.choice("A", "B"),
                "back": self.choice("A", "B", "C"),
                "unit": self.random.choice(
                    ("day", "week") if mode == "rolling" else ("day", "week", "month")
                ),
                "periods": self.random.choice((1, 3)),
                "mode": mode,
                "entry": self.random.choice(("first_ever", "every")),
            }
        )

    def trend(self) -> Trend:
        unit = self.random.choice(("day", "week", "month"))
        return Trend.model_validate({**self.common(), "event": self.choice("A", "B"), "unit": unit})

    def distribution(self) -> DistributionQuestion:
        of = self.random.choice(("times", "days"))
        return DistributionQuestion.model_validate(
            {**self.common(), "event": self.choice("A", "B"), "of": of, "edges": [1, 2, 4]}
        )

    def paths(self) -> Paths:
        random = self.random
        amount, unit = random.choice(((1, "seconds"), (1, "hours"), (1, "days"), (7, "days")))
        return Paths.model_validate(
            {
                **self.common(),
                "anchor": self.choice("A", "B"),
                "direction": random.choice(("after", "before")),
                "steps": random.choice((1, 2, 4)),
                "window": {"amount": amount, "unit": unit},
                "names": random.choice(([], [], ["B", "Other"])),
                "without": random.choice(([], [], ["C"])),
                "merges_repeats": random.choice((True, False)),
                "top": random.choice((1, 2, 6)),
            }
        )


class Engine:
    """Asks the real engine, as the gate would."""

    def __init__(self, client: Any, tenant: int) -> None:
        self.client = client
        self.tenant = tenant

    def rows(self, asked: Asked) -> list[Any]:
        answer = self.client.query(asked.sql, parameters={**asked.parameters, "tenant": self.tenant})
        return list(answer.result_rows)

    def people(self, asked: Asked) -> set[int]:
        page = asked.people()
        parameters = {**page.parameters, "page_after": 0, "page_limit": 100}
        ((count, people),) = self.rows(Asked(page.sql, parameters))
        assert count == len(people)
        return set(people)


def narrowed_to(query: Any, color: str) -> Any:
    red = Filter.model_validate({"field": "properties.color", "op": "eq", "value": color})
    return query.model_copy(update={"where": (red,)})


def check_funnel(engine: Engine, world: World, query: Funnel, days: Days, view: View) -> None:
    known = {who: events for who, events in world.histories.items() if who}
    plain = query.model_copy(update={"breakdown": None})
    depths = {who: oracle.depth(query, view, events) for who, events in known.items()}
    expected = {(0, depth): 0 for depth in depths.values() if depth}
    for depth in depths.values():
        if depth:
            expected[0, depth] += 1
    found = {
        (place, depth): count for place, depth, count in engine.rows(FunnelCompiler(plain, days).figures())
    }
    assert found == expected, query
    reached = FunnelCompiler(plain, days).people(place=0, least=2, most=len(query.steps))
    assert engine.people(reached) == {who for who, depth in depths.items() if depth >= 2}, query
    keys = [key for (key,) in engine.rows(FunnelCompiler(query, days).top_values())]
    for place, key in enumerate(keys, start=1):
        value = group_of(key).value
        dropped = FunnelCompiler(query, days, keys=keys).people(place=place, least=1, most=1)
        alone = {
            who for who, events in known.items() if oracle.depth(query, view, events, opened_by=value) == 1
        }
        assert engine.people(dropped) == alone, (query, value)


def check_retention(engine: Engine, world: World, query: Retention, days: Days, view: View) -> None:
    expected: dict[tuple[int, int], int] = {}
    kept: set[int] = set()
    for who, events in world.histories.items():
        for entry in oracle.entries(query, view, events) if who else ():
            cohort = unit_number(view.day(entry), query.unit)
            came = [n for n in range(query.periods + 1) if oracle.retained(query, view, entry, n, events)]
            for n in (-1, *came):
                expected[cohort, n] = expected.get((cohort, n), 0) + 1
            if 1 in came and cohort == unit_number(view.last, query.unit):
                kept.add(who)
    found = {
        (cohort, n): people for cohort, n, people in engine.rows(RetentionCompiler(query, days).figures())
    }
    assert found == expected, query
    last = days.units(query.unit)[-1]
    asked = RetentionCompiler(query, days).people(cohort=last, n=1, which="retained")
    assert engine.people(asked) == kept, query


def check_trend(engine: Engine, world: World, query: Trend, days: Days, view: View) -> None:
    rows = engine.rows(TrendCompiler(query, days.span, days, keys=()).buckets(is_broken_down=False))
    found = {bucket: people for _, bucket, _, people, *_ in rows}
    for bucket in days.units(query.unit):
        expected = oracle.trend_people(query, view, world.histories, bucket)
        assert found.get(bucket, 0) == len(expected), (query, bucket)
        compiler = TrendCompiler(query, bucket_span(query, days, bucket), days, keys=())
        assert engine.people(compiler.people(place=None)) == expected, (query, bucket)


def check_distribution(
    engine: Engine, world: World, query: DistributionQuestion, days: Days, view: View
) -> None:
    assert query.edges is not None
    amounts = {who: oracle.amount(query, view, events) for who, events in world.histories.items() if who}
    places = {who: sum(edge <= found for edge in query.edges) for who, found in amounts.items() if found}
    found = dict(engine.rows(DistributionCompiler(query, days).buckets(query.edges)))
    assert found == {place: list(places.values()).count(place) for place in set(places.values())}, query
    often = DistributionCompiler(query, days).people(query.edges, 2)
    assert engine.people(often) == {who for who, place in places.items() if place == 2}, query


def check_paths(engine: Engine, world: World, query: Paths, days: Days, view: View) -> None:
    ways = {who: oracle.path(query, view, events) for who, events in world.histories.items() if who}
    tops = tops_of(engine.rows(PathsCompiler(query, days).top_names()), query.steps)
    expected: dict[tuple[int, str, str], int] = {}
    at_first: set[int] = set()
    for who, way in ways.items():
        if way is None:
            continue
        points = [f"n{name}" if name in tops[step] else "o" for step, name in enumerate(way)]
        points += ["e"] if len(way) <= query.steps else []
        if points[1] == "e":
            at_first.add(who)
        for step, (point, following) in enumerate(itertools.pairwise([*points, ""])):
            expected[step, point, following] = expected.get((step, point, following), 0) + 1
    rows = engine.rows(PathsCompiler(query, days, tops=tops).figures())
    assert {(step, point, then): people for step, point, then, people in rows} == expected, query
    # Most frequent first, and no more than asked for.
    for step, names in enumerate(tops):
        counts = [
            sum(bool(way and way[step : step + 1] == [name]) for way in ways.values()) for name in names
        ]
        assert counts == sorted(counts, reverse=True)
        assert len(names) <= query.top
    ended = PathsCompiler(query, days, tops=tops).people(step=1, at=PathPoint(kind="end"), following=None)
    assert engine.people(ended) == at_first, query


@settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_random_histories_give_the_same_figures_and_people(warehouse_client: Any, seed: int) -> None:
    run = next(_RUNS)
    world = World(Random(seed), run)
    engine = Engine(warehouse_client, 910_000 + run)
    world.load(warehouse_client, engine.tenant)
    for _ in range(QUESTIONS):
        for make, check in (
            (world.funnel, check_funnel),
            (world.retention, check_retention),
            (world.trend, check_trend),
            (world.distribution, check_distribution),
            (world.paths, check_paths),
        ):
            query: Any = make()
            days = days_of(query.period, as_of=world.as_of, zone=world.zone)
            view = View.of(query.period, world.zone, world.as_of)
            check(engine, world, query, days, view)
            # Narrowed to some events, a question is the same question in a world without the others.
            check(engine, world.of_color("red"), narrowed_to(query, "red"), days, view)
