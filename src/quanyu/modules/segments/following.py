"""Evaluates a segment for changed people only: something became known of them, or time may have moved them.

Since the evaluation before, somebody can only have come or gone if an event of theirs arrived, their profile
or tags changed, they were merged, a segment asked about took them in or let them go, their companies changed,
or an event or a membership of theirs crossed the edge of a window. They are found by narrow questions, and
the definition is evaluated over their rows alone. Everything else, and every segment once in a while, is
evaluated in full.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.asking.facts import Each, Facts
from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import instant_sql
from quanyu.modules.events.asking.windows import epoch_ms
from quanyu.modules.segments.compiler import Evaluation
from quanyu.modules.segments.conditions.company import OfCompany
from quanyu.modules.segments.conditions.consent import Consented
from quanyu.modules.segments.conditions.dates import Ahead, DateTest
from quanyu.modules.segments.conditions.facts import Ago
from quanyu.modules.segments.conditions.membership import InSegment, Moved, Relation
from quanyu.modules.segments.conditions.sequence import Sequence as Steps
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.insights.person import MERGED, asks_companies, segments_asked
from quanyu.modules.segments.insights.reading import names_asked
from quanyu.modules.segments.members import MemberQueries
from quanyu.modules.segments.plain.crossing import looks_at_days, midnights, spans_of
from quanyu.modules.segments.queries import SegmentRow
from quanyu.modules.segments.rules import Difference
from quanyu.modules.segments.tree import All, Any_, Attribute, Bucket, Condition, Not, Tag, conditions_of

PEOPLE_MAX: Final = 3_000  # Of more changed people a full evaluation is about as cheap.
_IDS_MAX: Final = 2 * PEOPLE_MAX  # With everybody merged into them: they stand in the text of the question.
FULL_EVERY_S: Final = 600.0  # What history lost again, by erasure or replay, is seen then at the latest.
_FIRST_BATCH: Final = 1
_MARGIN: Final = 30_000 << 22  # Versions are stamped before they are written: look at the last 30 s again.
_WHO: Final = "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person))"
_NEWEST: Final = (
    "SELECT (SELECT max(batch_id) FROM events WHERE tenant_id = {tenant:UInt32} "
    "AND name IN {names:Array(String)} AND batch_id >= {after:UInt64}), "
    "(SELECT max(version) FROM profiles WHERE tenant_id = {tenant:UInt32}), "
    "(SELECT max(version) FROM person_alias WHERE tenant_id = {tenant:UInt32}), "
    "(SELECT max(version) FROM segment_membership WHERE tenant_id = {tenant:UInt32} "
    "AND segment_id IN {segments:Array(UInt64)}), "
    "(SELECT max(version) FROM company_contact WHERE tenant_id = {tenant:UInt32})"
)
_PARTED: Final = (
    "SELECT count() FROM person_alias WHERE tenant_id = {tenant:UInt32} AND version > {alias:UInt64} "
    "AND canonical = person"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What of history an evaluation has seen."""

    batch: int
    profile: int
    alias: int
    membership: int
    company: int


@dataclass(frozen=True, slots=True)
class Trace:
    """The last evaluation of a segment by this process."""

    revision: int
    as_of: datetime
    seen: Seen
    full_at_s: float  # Real time of the last one in full.


class Follower:
    """Remembers where each segment stands; what it does not remember is evaluated in full."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._traces: dict[tuple[TenantId, int], Trace] = {}

    async def look(
        self, history: SegmentHistory, tenant_id: TenantId, segment: SegmentRow, definition: Condition
    ) -> Seen | None:
        """Return how far history reaches now; asked before an evaluation. ``None``: it cannot be followed."""
        if not can_follow(definition):
            return None
        trace = self._traces.get((tenant_id, segment.id))
        is_known = trace is not None and trace.revision == segment.revision
        asked = {
            "names": sorted(names_asked(definition)),
            "segments": segments_asked(definition),
            # History before what was seen is not looked at again.
            "after": _from_batch(trace.seen) if trace is not None and is_known else _FIRST_BATCH,
        }
        return Seen(*(int(one or 0) for one in (await history.rows(_NEWEST, asked))[0]))

    def note(
        self, tenant_id: TenantId, segment: SegmentRow, at: Evaluation, seen: Seen | None, *, full: bool
    ) -> None:
        """Remember an evaluation that is confirmed."""
        key = (tenant_id, segment.id)
        before = self._traces.pop(key, None)
        if seen is not None:
            full_at_s = time.monotonic() if full or before is None else before.full_at_s
            self._traces[key] = Trace(segment.revision, at.as_of, seen, full_at_s)

    async def difference(
        self,
        history: SegmentHistory,
        tenant_id: TenantId,
        segment: SegmentRow,
        definition: Condition,
        at: Evaluation,
    ) -> Difference | None:
        """Compare changed people with their membership; ``None`` where a full evaluation is wanted."""
        trace = self._traces.get((tenant_id, segment.id))
        if not _is_fresh(trace, segment, definition, at):
            return None
        assert trace is not None
        people = await self._changed(history, definition, trace, at)
        if people is None or len(people) > PEOPLE_MAX:
            return None
        if not people:
            return _compared(segment, set(), set(), {})
        raw = {one: one for one in people} | dict(await history.rows(MERGED, {"people": people}))
        if len(raw) > _IDS_MAX:
            return None
        members = await history.among(definition, at, raw)
        async with self._uows.system(tenant_id) as uow:
            stored = await MemberQueries(uow).find(segment.id, list(raw))
        return _compared(segment, members, stored, raw)

    async def _changed(
        self, history: SegmentHistory, definition: Condition, trace: Trace, at: Evaluation
    ) -> list[int] | None:
        seen = trace.seen
        if (await history.rows(_PARTED, {"alias": max(0, seen.alias - _MARGIN)}))[0][0]:
            return None  # Who somebody was parted from is nowhere written down.
        sql, parameters = _changed_sql(definition, trace, at)
        return [int(one) for (one,) in await history.rows(sql, parameters)]


# Of what is asked by these, every change is an event of a name asked about, or a new version of the profile,
# of a membership or of a place at a company.
_LEAVE_TRACES: Final = (
    *(All, Any_, Not, Attribute, Tag, Bucket, DateTest, Facts, Steps, Relation, Consented),
    *(InSegment, Moved, OfCompany),
)


def can_follow(definition: Condition) -> bool:
    """Tell whether what changes of one person is all that can move them.

    Lines may have times of their own, and dates cross borders without an event.
    """
    for node in conditions_of(definition):
        if not isinstance(node, _LEAVE_TRACES):
            return False
        if isinstance(node, Facts) and node.each is not Each.EVENT:
            return False
        if isinstance(node, DateTest) and isinstance(node.when, (Ago, Ahead)):
            return False
    return True


def _is_fresh(trace: Trace | None, segment: SegmentRow, definition: Condition, at: Evaluation) -> bool:
    return (
        trace is not None
        and trace.revision == segment.revision == segment.evaluated_revision
        and trace.as_of == segment.as_of
        and trace.as_of <= at.as_of
        and time.monotonic() - trace.full_at_s < FULL_EVERY_S
        and not (looks_at_days(definition) and any(midnights(trace.as_of, at.as_of, at.zone)))
    )


def _changed_sql(definition: Condition, trace: Trace, at: Evaluation) -> tuple[str, dict[str, Any]]:
    """Return the query for everybody who may have come or gone, one more than may be followed at most."""
    bound = Parameters()
    profile = bound.bind(max(0, trace.seen.profile - _MARGIN), "UInt64")
    alias = bound.bind(max(0, trace.seen.alias - _MARGIN), "UInt64")
    parts = [
        f"SELECT {_WHO} AS who FROM profiles WHERE tenant_id = {{tenant:UInt32}} AND version > {profile}",  # noqa: S608
        f"SELECT {_WHO} AS who FROM person_alias "  # noqa: S608
        f"WHERE tenant_id = {{tenant:UInt32}} AND version > {alias}",
    ]
    names = sorted(names_asked(definition))
    if names:
        listed = bound.bind(names, "Array(String)")
        newer = f"batch_id >= {bound.bind(_from_batch(trace.seen), 'UInt64')}"
        # Apart, so that each is looked for where it can be: in new parts, and in the months of the edges.
        parts += [
            f"SELECT {_WHO} AS who FROM events WHERE tenant_id = {{tenant:UInt32}} "  # noqa: S608
            f"AND name IN {listed} AND person != 0 AND {moved}"
            for moved in (newer, *_crossed_sql("occurred_at", definition, trace, at, bound))
        ]
    segments = segments_asked(definition)
    if segments:
        listed = bound.bind(segments, "Array(UInt64)")
        newer = f"version > {bound.bind(max(0, trace.seen.membership - _MARGIN), 'UInt64')}"
        moved = " OR ".join([newer, *_crossed_sql("since", definition, trace, at, bound)])
        parts.append(
            f"SELECT {_WHO} AS who FROM segment_membership WHERE tenant_id = {{tenant:UInt32}} "  # noqa: S608
            f"AND segment_id IN {listed} AND ({moved})"
        )
    if asks_companies(definition):
        newer = f"version > {bound.bind(max(0, trace.seen.company - _MARGIN), 'UInt64')}"
        parts.append(
            f"SELECT {_WHO} AS who FROM company_contact WHERE tenant_id = {{tenant:UInt32}} AND {newer}"  # noqa: S608
        )
    union = " UNION ALL ".join(parts)
    return f"SELECT DISTINCT who FROM ({union}) LIMIT {PEOPLE_MAX + 1}", bound.values  # noqa: S608


def _from_batch(seen: Seen) -> int:
    """Return the first batch to look at: the newest one again, as one that spans months comes in pieces."""
    return max(seen.batch, _FIRST_BATCH)


def _crossed_sql(
    column: str, definition: Condition, trace: Trace, at: Evaluation, bound: Parameters
) -> list[str]:
    """Return, for each span asked about, the test for instants whose age crossed it since the last time."""
    tests = []
    for span in spans_of(definition):
        first = instant_sql(epoch_ms(trace.as_of - span - timedelta(milliseconds=1)), bound)
        last = instant_sql(epoch_ms(at.as_of - span), bound)
        tests.append(f"({column} > {first} AND {column} <= {last})")
    return tests


def _compared(segment: SegmentRow, members: set[int], stored: set[int], raw: dict[int, int]) -> Difference:
    known_as = {raw[row] for row in stored}
    added, removed = sorted(members - stored), sorted(stored - members)
    return Difference(
        count=segment.member_count + len(added) - len(removed),
        added=added,
        removed=removed,
        removed_canonical=[raw[row] for row in removed],
        entered=sorted(members - known_as),
        left=sorted(known_as - members),
    )
