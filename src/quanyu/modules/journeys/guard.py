"""Nothing more goes out of a journey that was ended, nor of a passage somebody was taken out of."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.queries import enrolments, journeys
from quanyu.modules.journeys.rules import enrolment_of
from quanyu.modules.messaging.contracts import RefusalReason
from quanyu.modules.messaging.ports import MessageRef


class AbandonedPassages:
    """``messaging.ports.SendGuard``: refuses what still waited when its journey or passage was given up.

    Whoever came to an end, or could not go on, gets what was planned for them on the way.
    """

    async def refusals(self, uow: UnitOfWork, messages: Sequence[MessageRef]) -> Mapping[int, RefusalReason]:
        """Return the messages of ended journeys and of passages that were taken back or merged away."""
        ours = [one for one in messages if one.journey_id is not None]
        if not ours:
            return {}
        passages = {one.message_id: enrolment_of(one.origin_key) for one in ours}
        known = sorted({one for one in passages.values() if one is not None})
        stopped = await journeys.find_stopped(uow, sorted({one.journey_id for one in ours if one.journey_id}))
        abandoned = await enrolments.find_abandoned(uow, known)
        return {
            one.message_id: RefusalReason.STOPPED
            for one in ours
            if one.journey_id in stopped or passages[one.message_id] in abandoned
        }
