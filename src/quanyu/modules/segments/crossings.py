"""The exact instants at which people entered or left, for those whom time alone moved."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from quanyu.modules.segments.compiler import Evaluation
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.insights.person import Known, known_of_many
from quanyu.modules.segments.plain.crossing import crossed_at, depends_on_time
from quanyu.modules.segments.rules import Difference
from quanyu.modules.segments.tree import Condition

PEOPLE_MAX: Final = 20_000  # Of one evaluation; of more, all are stated at the instant of the evaluation.
CHUNK: Final = 500


async def exact_instants(
    history: SegmentHistory, definition: Condition, difference: Difference, at: Evaluation, *, since: datetime
) -> dict[int, datetime]:
    """Return by person when they entered or left between ``since`` and now.

    Only those whom time moved are in: an event that came, a window that closed behind one, a midnight.
    Whoever moved because something else became known did so at the instant of the evaluation. The cost
    follows those who moved.
    """
    entered = frozenset(difference.entered)
    people = [*difference.entered, *difference.left]
    if not people or len(people) > PEOPLE_MAX or not depends_on_time(definition):
        return {}
    found: dict[int, datetime] = {}
    for start in range(0, len(people), CHUNK):
        part = people[start : start + CHUNK]
        known = await known_of_many(history, definition, part, at=at, since=since)
        found |= await asyncio.to_thread(_crossings, definition, known, entered, since, at)
    return found


def _crossings(
    definition: Condition,
    known: Sequence[Known],
    entered: frozenset[int],
    since: datetime,
    at: Evaluation,
) -> dict[int, datetime]:
    found = {}
    for person in known:
        instant = crossed_at(
            definition, person, is_in=person.id in entered, since=since, until=at.as_of, zone=at.zone
        )
        if instant is not None:
            found[person.id] = instant
    return found
