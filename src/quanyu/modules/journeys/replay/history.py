"""What a replay asks the warehouse about the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import QueryLimits, Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.journeys.definition import Definition, EventEntry, SegmentEntered, SegmentLeft, WaitEvent
from quanyu.modules.journeys.entering import starting_event
from quanyu.modules.journeys.exiting import ending_names
from quanyu.modules.journeys.ports import Audience
from quanyu.modules.journeys.replay.blocks import CONTEXT

_LIMITS: Final = QueryLimits(time_s=120.0)
_WHO: Final = "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person))"
_DETAILS: Final = (
    "toJSONString(properties) AS properties", *CONTEXT, "order_id", "toString(revenue) AS revenue",
    "currency", "toString(quantity) AS quantity",
)  # fmt: skip
_EVENTS: Final = f"""
SELECT {_WHO} AS person_id, position, CAST(name, 'String') AS name, CAST(kind, 'String') AS kind,
    CAST(source, 'String') AS source, message_id, toUnixTimestamp64Milli(occurred_at) AS occurred_ms,
    toUnixTimestamp64Milli(received_at) AS received_ms {{details}}
FROM events
WHERE tenant_id = {{{{tenant:UInt32}}}} AND name IN {{{{names:Array(String)}}}} AND person > 0
    AND occurred_at >= fromUnixTimestamp64Milli({{{{since:Int64}}}}, 'UTC')
    AND occurred_at <= fromUnixTimestamp64Milli({{{{until:Int64}}}}, 'UTC')
    AND cityHash64({_WHO}) % {{{{blocks:UInt32}}}} = {{{{block:UInt32}}}}
ORDER BY person_id, occurred_ms, position
"""  # noqa: S608 - the columns are ours.
_COUNT: Final = (
    f"SELECT uniq({_WHO}) FROM events WHERE tenant_id = {{tenant:UInt32}} AND name = {{name:String}} "  # noqa: S608
    "AND person > 0 AND occurred_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') "
    "AND occurred_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
)
_WINDOWS: Final = (
    f"SELECT {_WHO} AS who, CAST(name, 'String'), toUnixTimestamp64Milli(occurred_at), app, "  # noqa: S608
    "toString(properties.menu_item), toString(properties.action) FROM events "
    "WHERE tenant_id = {tenant:UInt32} AND name IN {names:Array(String)} AND who IN {people:Array(UInt32)} "
    "AND occurred_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') "
    "AND occurred_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
)
_HASH: Final = (
    "SELECT arrayMap(x -> cityHash64(x) % {blocks:UInt32}, {people:Array(UInt32)}), {tenant:UInt32}"
)


class Past:
    """One brand's past, over one period."""

    def __init__(
        self,
        warehouse: Warehouse,
        tenant_id: TenantId,
        definition: Definition,
        *,
        since: datetime,
        until: datetime,
    ) -> None:
        self._gate = warehouse.for_tenant(tenant_id)
        self._definition = definition
        self._bounds = {"since": _ms(since), "until": _ms(until)}
        self.names = _names(definition)

    async def count_entrants(self) -> int:
        """Return about how many people did what lets in."""
        entry = self._definition.entry
        rows = await self._gate.query(_COUNT, {**self._bounds, "name": starting_event(entry)}, limits=_LIMITS)
        return int(rows[0][0])

    async def events(self, block: int, blocks: int) -> bytes:
        """Return what the people of one block did, as an Arrow stream by person and time."""
        details = "".join(f", {one}" for one in _DETAILS) if _asks_details(self._definition) else ""
        return await self._gate.query_file(
            _EVENTS.format(details=details),
            {**self._bounds, "names": sorted(self.names), "block": block, "blocks": blocks},
            fmt="ArrowStream",
            limits=_LIMITS,
        )

    async def blocks_of(self, people: Sequence[int], blocks: int) -> list[int]:
        """Return which block each person belongs to."""
        rows = await self._gate.query(_HASH, {"people": list(people), "blocks": blocks})
        return [int(one) for one in rows[0][0]]

    async def acts(self, people: Sequence[int], names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return what may open a window: person, name, milliseconds, app, and two details."""
        return await self._gate.query(
            _WINDOWS, {**self._bounds, "people": list(people), "names": list(names)}, limits=_LIMITS
        )


@dataclass(frozen=True, slots=True)
class Entries:
    """Whom the segment let in and when, in milliseconds, beside what its facts say.

    ``computed``: they take the place of the facts.
    """

    people: Sequence[tuple[int, int]] = ()
    computed: bool = False


async def entries_of(
    uows: UnitOfWorkFactory,
    audience: Audience,
    tenant_id: TenantId,
    entry: SegmentEntered | SegmentLeft,
    *,
    since: datetime,
    until: datetime,
) -> Entries:
    """Return who came into the segment, or went out of it, beside those its facts tell of.

    A segment that is younger than the period stated no facts then: its definition is asked as of each day.
    """
    async with uows.app(tenant_id) as uow:
        test, changed_at = await audience.past_of(uow, entry.segment_id)
    existing = isinstance(entry, SegmentEntered) and entry.existing
    if test is None or changed_at <= since:
        present = await audience.selected(tenant_id, test, as_of=since) if existing and test else ()
        return Entries([(person, _ms(since)) for person in present])
    known = set(await audience.selected(tenant_id, test, as_of=since))
    found = [(person, _ms(since)) for person in sorted(known)] if existing else []
    at = since + timedelta(days=1)
    while at <= until:
        members = set(await audience.selected(tenant_id, test, as_of=at))
        moved = known - members if isinstance(entry, SegmentLeft) else members - known
        found += [(person, _ms(at)) for person in sorted(moved)]
        known, at = members, at + timedelta(days=1)
    return Entries(found, computed=True)


def _names(definition: Definition) -> frozenset[str]:
    entry = definition.entry
    return frozenset({starting_event(entry)}) | definition.awaited_events() | ending_names(definition)


def _asks_details(definition: Definition) -> bool:
    """Tell whether more of an event matters than its name and time: JSON of millions takes a while."""
    entry, goal = definition.entry, definition.goal
    by_entry = not isinstance(entry, EventEntry) or bool(entry.where or entry.entry_key)
    waits = any(isinstance(node, WaitEvent) and node.where for node in definition.nodes.values())
    return by_entry or waits or bool(definition.exits) or (goal is not None and bool(goal.where))


def _ms(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1000)
