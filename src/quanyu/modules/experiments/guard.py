"""Whoever is held out gets no marketing, whoever sends it."""

from collections.abc import Mapping, Sequence

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.experiments import holdouts
from quanyu.modules.messaging.contracts import MessageClass, RefusalReason
from quanyu.modules.messaging.ports import MessageRef


class HeldOut:
    """``messaging.ports.SendGuard``: refuses marketing to the brand's hold-out group."""

    async def refusals(self, uow: UnitOfWork, messages: Sequence[MessageRef]) -> Mapping[int, RefusalReason]:
        """Return the marketing messages to people who are held out."""
        marketing = [one for one in messages if one.message_class is MessageClass.MARKETING]
        if not marketing:
            return {}
        held = await holdouts.held_out(uow, {one.person_id for one in marketing})
        return {one.message_id: RefusalReason.HELD_OUT for one in marketing if one.person_id in held}
