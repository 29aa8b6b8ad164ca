"""What hangs on a person follows when two turn out to be one."""

from collections.abc import Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.service import Channels
from quanyu.modules.community.groups.service import Groups
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.contracts import Merge
from quanyu.modules.staff.codes.states import CodeStates
from quanyu.modules.staff.customers.service import Customers


class PersonMerge:
    """Called in the transaction that merges, so nobody ever sees half of it."""

    def __init__(
        self,
        channels: Channels,
        customers: Customers,
        code_states: CodeStates,
        groups: Groups,
        messaging: Messaging,
        journeys: Journeys,
    ) -> None:
        self._channels = channels
        self._customers = customers
        self._code_states = code_states
        self._groups = groups
        self._messaging = messaging
        self._journeys = journeys

    async def follow(self, uow: UnitOfWork, merges: Sequence[Merge]) -> None:
        """Move what hangs on people to who they are now; idempotent."""
        if not merges:
            return
        known_as = {PersonId(merge.from_id): PersonId(merge.to_id) for merge in merges}
        await self._channels.repoint_people(uow, known_as)
        await self._customers.follow_merges(uow, known_as)
        await self._code_states.follow_merges(uow, known_as)
        await self._groups.follow_merges(uow, known_as)
        await self._messaging.follow_merges(uow, known_as)
        await self._journeys.follow_merges(uow, [(merge.from_id, merge.to_id) for merge in merges])
