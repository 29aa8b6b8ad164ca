"""What hangs on a person follows when two turn out to be one."""

from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.service import Channels
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.people.contracts import Merge


class PersonMerge:
    """Called in the transaction that merges, so nobody ever sees half of it."""

    def __init__(self, journeys: Journeys, channels: Channels) -> None:
        self._journeys = journeys
        self._channels = channels

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge]) -> None:
        """Move follower rows and journey passages to who their people are now; idempotent."""
        if not merges:
            return
        await self._channels.repoint_people(
            uow, {PersonId(merge.from_id): PersonId(merge.to_id) for merge in merges}
        )
        await self._journeys.follow_merges(uow, [(merge.from_id, merge.to_id) for merge in merges])
