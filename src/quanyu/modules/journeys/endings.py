"""Whoever did what ends a passage is let out at once, wherever they stand; goals are noted (JN-12, JN-13)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.journeys import crossing, facts
from quanyu.modules.journeys.awaiting import time_of
from quanyu.modules.journeys.definition import Definition
from quanyu.modules.journeys.exiting import Entered, ending_names, ending_of, may_end
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.queries import awaited, exits, journeys
from quanyu.modules.journeys.queries.exits import Passage
from quanyu.modules.journeys.rules import CATCH_UP, Exit

Rules = Mapping[tuple[int, int], Definition]  # By (journey, version): those with exits or a goal.


async def living_rules(uow: UnitOfWork, graphs: Graphs) -> Rules:
    """Return the graphs with exits or a goal that somebody may be on the way in."""
    found = {version: await graphs.find(uow, *version) for version in await journeys.list_living(uow)}
    return {version: graph for version, graph in found.items() if graph and ending_names(graph)}


def ending_events(rules: Rules, events: Iterable[LogEvent]) -> list[LogEvent]:
    """Return the events that meet a rule of some journey."""
    by_name: defaultdict[str, list[Definition]] = defaultdict(list)
    for graph in rules.values():
        for name in ending_names(graph):
            by_name[name].append(graph)
    return [event for event in events if any(may_end(graph, event) for graph in by_name[event.name])]


class Room:
    """Tells whether a passage was over when something happened: then the same person may enter anew.

    What happened counts itself: one event may end a passage and begin the next.
    """

    def __init__(self, rules: Rules, journey_id: int, events: Iterable[LogEvent]) -> None:
        self._rules = rules
        self._journey_id = journey_id
        self._by_person: defaultdict[int, list[LogEvent]] = defaultdict(list)
        for event in events:
            self._by_person[event.person_id or 0].append(event)

    def is_over(self, version: int, entered: Entered, cause: LogEvent) -> bool:
        """Tell whether the passage that began so was over at ``cause``."""
        graph = self._rules.get((self._journey_id, version))
        if graph is None:
            return False
        place = (time_of(cause), cause.position)
        until = [
            one for one in self._by_person[cause.person_id or 0] if (time_of(one), one.position) <= place
        ]
        return ending_of(graph, entered, until).over_by is not None


async def end_passages(
    uow: UnitOfWork, rules: Rules, events: Sequence[LogEvent], entrants: Collection[int]
) -> None:
    """Let out those whose passages these events end, and note goals; idempotent.

    Of people who came in just now (``entrants``) what was heard in the last hour counts as well: it may
    have happened after their entry, and been told before it. The caller has the turn alone.
    """
    by_person: defaultdict[int, list[LogEvent]] = defaultdict(list)
    for event in events:
        by_person[event.person_id or 0].append(event)
    names = sorted({name for graph in rules.values() for name in ending_names(graph)})
    if entrants:
        since = uow.clock.now() - CATCH_UP
        for person, event in await awaited.list_seen(uow, names, sorted(entrants), since=since):
            by_person[person].append(event)
    if not by_person:
        return
    found = await exits.lock_passages(uow, {journey for journey, _ in rules}, by_person)
    await _note(uow, rules, found, by_person)


async def _note(
    uow: UnitOfWork, rules: Rules, found: Sequence[Passage], by_person: Mapping[int, Sequence[LogEvent]]
) -> None:
    over: dict[int, Exit] = {}
    goals: dict[int, datetime] = {}
    for one in found:
        graph = rules.get((one.journey_id, one.version))
        if graph is None:
            continue
        ending = ending_of(graph, Entered(one.entered_at, one.entered_by), by_person[one.person_id])
        if ending.over_by and one.over_by is None:
            over[one.id] = ending.over_by
        if ending.goal_at and one.goal_at is None:
            goals[one.id] = ending.goal_at
            uow.publish(facts.goal_reached(one.journey_id, one.id, one.person_id, ending.goal_at))
    await exits.mark_goals(uow, goals)
    await exits.mark_over(uow, over)
    leaving: defaultdict[Exit, list[int]] = defaultdict(list)
    for one in found:
        if one.is_active and one.id in over:
            leaving[over[one.id]].append(one.id)
    for reason, ids in leaving.items():
        await crossing.let_out(uow, ids, reason)
