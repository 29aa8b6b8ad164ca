"""Why somebody is in a segment, how segments overlap, how large one was."""

from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId, decode_id
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.service import People
from quanyu.modules.segments.askable import read_definition
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.insights import queries
from quanyu.modules.segments.insights.contracts import (
    AskOverlap,
    Explained,
    ExplainSegment,
    Explanation,
    Overlap,
    OverlapPart,
    Sizes,
)
from quanyu.modules.segments.insights.explaining import explain
from quanyu.modules.segments.insights.person import known_of
from quanyu.modules.segments.queries import SegmentQueries
from quanyu.modules.segments.service import Segments

DAYS_MAX: Final = 400


class SegmentInsights:
    """Questions about segments; nothing is changed."""

    def __init__(self, warehouse: Warehouse, people: People, segments: Segments) -> None:
        self._warehouse = warehouse
        self._people = people
        self._segments = segments

    async def explain(
        self, uows: UnitOfWorkFactory, tenant_id: TenantId, command: ExplainSegment
    ) -> Explanation:
        """Tell of every condition whether the person meets it, and what was found.

        Raises:
            InvalidDefinition: the tree is not one this release understands, or asks what is sealed.
            PersonNotFound: there is no such person.
            WarehouseUnavailable: history cannot be read now.
        """
        definition = read_definition(command.definition)
        asked = PersonId(decode_id("per", command.person))
        at = await self._segments.evaluation(uows, tenant_id, as_of=command.as_of)
        async with uows.app(tenant_id) as uow:
            canonical = (await self._people.canonical_ids(uow, [asked])).get(asked)
            if canonical is None:
                raise PersonNotFound("there is no such person", message_zh="没有这个人")
            members = await self._people.members_of(uow, canonical)
            rows = await self._people.rows(uow, [canonical])
        known = await known_of(
            SegmentHistory(self._warehouse, tenant_id),
            definition,
            person=int(canonical),
            members=[int(one) for one in members],
            as_of=at.as_of,
        )
        if not rows:
            raise PersonNotFound("there is no such person", message_zh="没有这个人")
        tree = explain(definition, known, at)
        if not known.is_living:  # Its profile has not arrived in the warehouse yet: in no segment.
            tree = Explained(**{**dict(tree), "met": False})
        return Explanation(person=rows[0], as_of=at.as_of, tree=tree)

    async def overlap(self, uow: UnitOfWork, command: AskOverlap) -> list[int]:
        """Return the segments asked about, checked.

        Raises:
            SegmentNotFound: there is none of one of the ids.
        """
        segments = [decode_id("seg", one) for one in dict.fromkeys(command.segments)]
        for segment in segments:
            await SegmentQueries(uow).get(segment)
        return segments

    async def overlap_of(self, tenant_id: TenantId, command: AskOverlap, segments: list[int]) -> Overlap:
        """Count the people of every combination, by stored members.

        Raises:
            WarehouseUnavailable: they cannot be counted now.
        """
        masks = await queries.overlap_masks(SegmentHistory(self._warehouse, tenant_id), segments)
        named = list(dict.fromkeys(command.segments))
        return Overlap(
            sizes=tuple(
                sum(count for mask, count in masks if mask >> number & 1) for number in range(len(named))
            ),
            union=sum(count for _, count in masks),
            parts=tuple(
                OverlapPart(
                    segments=tuple(name for number, name in enumerate(named) if mask >> number & 1),
                    count=count,
                )
                for mask, count in masks
            ),
        )

    async def sizes(self, uow: UnitOfWork, segment_id: int, *, days: int) -> Sizes:
        """Return the size over the last days, one point an hour with an evaluation.

        Raises:
            SegmentNotFound: there is none.
        """
        await SegmentQueries(uow).get(segment_id)
        since: datetime = uow.clock.now() - timedelta(days=min(days, DAYS_MAX))
        return Sizes(items=await queries.list_sizes(uow, segment_id, since=since))
