"""Letting many people in or out of a journey, in parts that fit a transaction."""

from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.journeys import crossing
from quanyu.modules.journeys.definition import Definition, SegmentEntered
from quanyu.modules.journeys.graphs import Graphs
from quanyu.modules.journeys.ports import Audience
from quanyu.modules.journeys.queries import awaited, enrolments, journeys
from quanyu.modules.journeys.queries.enrolments import NewEnrolment
from quanyu.modules.journeys.rules import Exit, begin

PART: Final = 5_000


class Chores:
    """What publishing and ending a journey leave to be done."""

    def __init__(self, uows: UnitOfWorkFactory, audience: Audience) -> None:
        self._uows = uows
        self._audience = audience
        self._graphs = Graphs()
        # Of each journey that lets members in: how far it is, and who comes next.
        self._waiting: dict[tuple[TenantId, int], tuple[tuple[int, int], list[int]]] = {}

    async def let_in(self, tenant_id: TenantId, journey_id: int) -> int:
        """Let a part of the segment's present members in who never were; return how many came (JN-5).

        A crash loses nothing: how far it came is noted with each part.
        """
        key = (tenant_id, journey_id)
        async with self._uows.system(tenant_id) as uow:
            standing = await journeys.hold_letting_in(uow, journey_id)
            if standing is None:
                self._waiting.pop(key, None)
                return 0  # Paused, stopped or done meanwhile.
            version, after = standing
            graph = await self._graphs.find(uow, journey_id, version)
            kept = self._waiting.get(key)
            if kept is None or kept[0] != standing:
                members = await self._members(uow, graph)
                kept = (standing, sorted(one for one in members if one > after))
            part, rest = kept[1][:PART], kept[1][PART:]
            came = await self._let_in_part(uow, journey_id, version, graph, part) if graph else 0
            reached = part[-1] if rest else None
            await journeys.note_let_in(uow, journey_id, reached)
        if reached is None:
            self._waiting.pop(key, None)
        else:
            self._waiting[key] = ((version, reached), rest)
        return came

    async def _members(self, uow: UnitOfWork, graph: Definition | None) -> Sequence[int]:
        if graph is None or not isinstance(graph.entry, SegmentEntered):
            return ()
        return await self._audience.members(uow, graph.entry.segment_id)

    async def _let_in_part(
        self, uow: UnitOfWork, journey_id: int, version: int, graph: Definition, people: Sequence[int]
    ) -> int:
        known = {person for person, _ in await enrolments.last_entries(uow, journey_id, people)}
        state = begin(graph, uow.clock.now())
        came = await crossing.let_in(
            uow,
            journey_id,
            version,
            [
                NewEnrolment(new_id(), person, "", 1, f"publish:{version}", {}, state)
                for person in people
                if person not in known
            ],
        )
        return len(came)

    async def let_out(self, tenant_id: TenantId, journey_id: int) -> int:
        """Let a part of those out who are still in a journey that was ended; return how many."""
        async with self._uows.system(tenant_id) as uow:
            await awaited.join_turn(uow)
            ids = await enrolments.list_active(uow, journey_id, limit=PART)
            if ids:
                await crossing.let_out(uow, ids, Exit.STOPPED)
            return len(ids)
