"""Versions of a journey: what was published, what changed, and going back."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.journeys.contracts import JourneyView, SaveJourney
from quanyu.modules.journeys.errors import JourneyNotFound, VersionNotFound
from quanyu.modules.journeys.queries import journeys
from quanyu.modules.journeys.queries.journeys import JourneyRow
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.journeys.versions import differing, queries
from quanyu.modules.journeys.versions.contracts import JourneyVersion, JourneyVersions, VersionDifference

VERSIONS_MAX: Final = 200
DRAFT: Final = 0


class Versions:
    """The use cases of versions (SOP-1)."""

    def __init__(self, journeys: Journeys) -> None:
        self._journeys = journeys

    async def list_of(self, uow: UnitOfWork, journey_id: int) -> JourneyVersions:
        """Return the latest ``VERSIONS_MAX`` versions, with the people on the way in each.

        Raises:
            JourneyNotFound: this brand has no such journey.
        """
        row = await _find(uow, journey_id)
        active = await queries.count_active(uow, journey_id)
        found = await queries.list_versions(uow, journey_id, VERSIONS_MAX)
        return JourneyVersions(
            items=tuple(
                JourneyVersion(
                    version=one.version,
                    published_at=one.published_at,
                    published_by=one.published_by,
                    nodes=len(one.definition.get("nodes", {})),
                    active=active.get(one.version, 0),
                    is_current=one.version == row.version,
                )
                for one in found
            )
        )

    async def differences(
        self, uow: UnitOfWork, journey_id: int, *, before: int, after: int
    ) -> VersionDifference:
        """Return what differs between two versions; 0 is the draft.

        Raises:
            JourneyNotFound: this brand has no such journey.
            VersionNotFound: it has no such version.
        """
        row = await _find(uow, journey_id)
        old, new = [differing.whole(await _graph(uow, row, one)) for one in (before, after)]
        return VersionDifference(
            before=before,
            after=after,
            journey=differing.of_journey(old, new),
            nodes=differing.of_nodes(old, new),
        )

    async def restore(self, uow: UnitOfWork, journey_id: int, version: int, *, by: str) -> JourneyView:
        """Make an earlier version the draft, with the notes of today; nobody moves until it is published.

        Raises:
            JourneyNotFound: this brand has no such journey.
            VersionNotFound: it has no such version.
            WrongStatus: the journey was ended.
        """
        row = await _find(uow, journey_id)
        graph = await _graph(uow, row, version)
        notes = row.draft.get("notes")
        draft = {**graph, "notes": notes if isinstance(notes, list) else []}
        return await self._journeys.save_draft(
            uow, journey_id, SaveJourney(name=row.name, definition=draft), by=by
        )


async def _find(uow: UnitOfWork, journey_id: int) -> JourneyRow:
    row = await journeys.find(uow, journey_id)
    if row is None:
        journey = encode_id("jrn", journey_id)
        raise JourneyNotFound(f"there is no journey {journey}", message_zh=f"没有旅程 {journey}")
    return row


async def _graph(uow: UnitOfWork, row: JourneyRow, version: int) -> Mapping[str, Any]:
    if version == DRAFT:
        return row.draft
    found = await queries.find_version(uow, row.id, version)
    if found is None:
        raise VersionNotFound(
            f"the journey has no version {version}; it has {row.version}",
            message_zh=f"这个旅程没有第 {version} 版，目前共 {row.version} 版",
        )
    return found
