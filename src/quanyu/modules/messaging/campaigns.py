"""Campaigns: what belongs together takes its turn together, and can be paused, slowed down and stopped."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.messaging.contracts import (
    CampaignView,
    ChangeCampaign,
    MessageState,
    ReasonCount,
    RefusalReason,
)
from quanyu.modules.messaging.facts import FactName, tell
from quanyu.modules.messaging.governor import give_back
from quanyu.modules.messaging.queries import campaigns, sending
from quanyu.modules.messaging.queries.campaigns import Control
from quanyu.modules.messaging.reasons import ReasonText, reason_text

WITHDRAW_MAX: Final = 2_000
_RECENT: Final = timedelta(minutes=1)
_LIST_MAX: Final = 50
_ACCEPTED: Final = (MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.FAILED)


class Campaigns:
    """The use cases of campaigns; a campaign is known by the id of the journey or broadcast it is."""

    def __init__(self, wake: Callable[[UnitOfWork], None]) -> None:
        self._wake = wake

    async def get(self, uow: UnitOfWork, campaign: str) -> CampaignView:
        """Return how far a campaign is; all zero when nothing was planned for it."""
        connection = await uow.raw()
        control = await campaigns.find_control(connection, uow.tenant_id, campaign)
        counts = await campaigns.count(connection, uow.tenant_id, campaign, since=uow.clock.now() - _RECENT)
        states: Counter[MessageState] = Counter()
        for (state, _), number in counts.by_state.items():
            states[MessageState(state)] += number
        left = states[MessageState.RESERVED] + states[MessageState.HANDED]
        is_going = control.paused_at is None and control.stopped_at is None and counts.recent > 0
        return CampaignView(
            id=campaign,
            paused=control.paused_at is not None,
            stopped=control.stopped_at is not None,
            rate_per_s=control.rate_per_s,
            planned=states.total(),
            refused=states[MessageState.REFUSED],
            accepted=sum(states[state] for state in _ACCEPTED),
            rejected=states[MessageState.REJECTED],
            unknown=states[MessageState.UNKNOWN],
            held=states[MessageState.PLANNED],
            waiting=left,
            delivered=states[MessageState.DELIVERED],
            failed=states[MessageState.FAILED],
            per_minute=counts.recent,
            finishes_in_s=round(left / counts.recent * _RECENT.total_seconds()) if is_going else None,
            reasons=tuple(
                ReasonCount(
                    state=MessageState(state), reason=reason, reason_text=reason_text(reason), count=number
                )
                for (state, reason), number in sorted(
                    counts.by_state.items(), key=lambda item: (-item[1], item[0][0], item[0][1] or "")
                )
                if reason is not None
            ),
        )

    async def count_open(self, uow: UnitOfWork, campaign: str, *, at_most: int, held: bool) -> int:
        """Count what waits of a campaign, no further than ``at_most``; ``held``: until its hour, too."""
        return await campaigns.count_open(
            await uow.raw(), uow.tenant_id, campaign, rows_max=at_most, held=held
        )

    async def states_of(self, uow: UnitOfWork, message_ids: Sequence[int]) -> Mapping[MessageState, int]:
        """Count some messages by state."""
        found = await campaigns.count_states(await uow.raw(), uow.tenant_id, message_ids)
        return {MessageState(state): number for state, number in found.items()}

    async def fates(
        self, uow: UnitOfWork, message_ids: Sequence[int]
    ) -> Mapping[int, tuple[MessageState, ReasonText | None]]:
        """Return where some messages are, and why."""
        found = await campaigns.find_states(await uow.raw(), uow.tenant_id, message_ids)
        return {
            one: (MessageState(state), reason_text(reason) if reason is not None else None)
            for one, (state, reason) in found.items()
        }

    async def list_open(self, uow: UnitOfWork) -> tuple[CampaignView, ...]:
        """Return the campaigns that have something waiting, the newest of each kind first."""
        keys = await campaigns.list_open(await uow.raw(), uow.tenant_id, rows_max=_LIST_MAX)
        return tuple([await self.get(uow, key) for key in keys])

    async def change(self, uow: UnitOfWork, campaign: str, change: ChangeCampaign) -> CampaignView:
        """Pause a campaign, let it go on, or say how fast it may go at most. Idempotent.

        What was handed over before goes out; nothing is handed over after.
        """
        connection = await uow.raw()
        now = uow.clock.now()
        control = await campaigns.find_control(connection, uow.tenant_id, campaign)
        if change.paused is not None:
            control = replace(control, paused_at=(control.paused_at or now) if change.paused else None)
        if "rate_per_s" in change.model_fields_set:
            control = replace(control, rate_per_s=change.rate_per_s)
        await campaigns.save(connection, uow.tenant_id, campaign, control, now=now)
        self._wake(uow)
        return await self.get(uow, campaign)

    async def stop(self, uow: UnitOfWork, campaign: str) -> None:
        """Hand nothing of a campaign over any more, for good. Idempotent."""
        connection = await uow.raw()
        control = await campaigns.find_control(connection, uow.tenant_id, campaign)
        stopped = Control(control.paused_at, control.stopped_at or uow.clock.now(), control.rate_per_s)
        await campaigns.save(connection, uow.tenant_id, campaign, stopped, now=uow.clock.now())

    async def withdraw(self, uow: UnitOfWork, campaign: str) -> int:
        """Refuse some of what waits of a stopped campaign; return how many, 0 when nothing is left.

        What they had taken of caps, windows and credits is given back.
        """
        connection = await uow.raw()
        now = uow.clock.now()
        waiting = await sending.lock_open_of(
            connection, uow.tenant_id, campaign, rows_max=WITHDRAW_MAX, now=now
        )
        await give_back(
            uow,
            holds=[(one.person_id, hold) for one in waiting for hold in one.holds],
            windows=[one.window for one in waiting],
            from_credits=[one.credit for one in waiting],
        )
        reason = str(RefusalReason.CANCELLED)
        await sending.close_unsent(
            connection,
            uow.tenant_id,
            [(one.id, str(MessageState.REFUSED), reason, None) for one in waiting],
            now=now,
        )
        for one in waiting:
            tell(uow, FactName.REFUSED, one, at=now, reason=reason)
        return len(waiting)
