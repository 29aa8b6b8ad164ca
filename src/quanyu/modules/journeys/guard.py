"""Nothing more goes out for a journey that was ended."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.queries import journeys
from quanyu.modules.messaging.contracts import RefusalReason
from quanyu.modules.messaging.ports import MessageRef


class StoppedJourneys:
    """``messaging.ports.SendGuard``: refuses what still waited to be sent when its journey was ended."""

    async def refusals(self, uow: UnitOfWork, messages: Sequence[MessageRef]) -> Mapping[int, RefusalReason]:
        """Return the messages of ended journeys."""
        asked = sorted({one.journey_id for one in messages if one.journey_id is not None})
        stopped = await journeys.find_stopped(uow, asked) if asked else set()
        return {one.message_id: RefusalReason.STOPPED for one in messages if one.journey_id in stopped}
