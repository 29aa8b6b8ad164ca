"""The first wave of a broadcast: it is looked at before the others get theirs (MS-7)."""

from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.messaging.contracts import ChangeCampaign, MessageState
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.plays.broadcasts import queries, rules
from quanyu.modules.plays.broadcasts.contracts import PREFIX, BroadcastStatus
from quanyu.modules.plays.broadcasts.queries import BroadcastRow, RunRow
from quanyu.modules.plays.broadcasts.results import Results

ACTOR: Final = "quanyu"
_FAILED: Final = (MessageState.REJECTED, MessageState.FAILED, MessageState.UNKNOWN)
_TRIED: Final = (*_FAILED, MessageState.ACCEPTED, MessageState.DELIVERED)


class WaveCheck:
    """Lets the rest of an audience follow the first wave, or pauses the broadcast."""

    def __init__(self, uows: UnitOfWorkFactory, messaging: Messaging, results: Results) -> None:
        self._uows = uows
        self._messaging = messaging
        self._results = results

    async def judge(self, tenant_id: TenantId, row: BroadcastRow, run: RunRow) -> bool:
        """Judge a first wave whose wait is over; tell whether it was judged.

        Refused messages count as neither tried nor failed: they harmed nobody.
        """
        waves = row.plan.waves
        now = self._uows.clock.now()
        if waves is None or run.wave_at is None or now < run.wave_at + timedelta(minutes=waves.wait_minutes):
            return False
        unsubscribed = await self._results.unsubscribed(tenant_id, row, since=run.started_at)
        async with self._uows.system(tenant_id) as uow:
            still = await queries.find(uow, row.id, lock=True)
            if still is None or (still.status, still.run) != (row.status, row.run):
                return False
            states = await self._messaging.campaigns.states_of(
                uow, await queries.first_wave(uow, row.id, run.run)
            )
            tried = sum(states.get(state, 0) for state in _TRIED)
            failed = sum(states.get(state, 0) for state in _FAILED)
            if rules.may_go_on(waves, tried=tried, failed=failed, unsubscribed=unsubscribed):
                await queries.next_wave(uow, row.id, run.run)
            else:
                reason = f"first wave: {tried} tried, {failed} failed, {unsubscribed} unsubscribed"
                await queries.move(uow, row, BroadcastStatus.PAUSED, actor=ACTOR, reason=reason)
                await self._messaging.campaigns.change(
                    uow, encode_id(PREFIX, row.id), ChangeCampaign(paused=True)
                )
        return True
