"""What broadcasts do by themselves: write down the audience, plan the messages, end, take back.

Each step is one transaction that locks the broadcast, sees that it still is where it was, and commits what
was done together with how far it came. So a crash loses nothing and repeats nothing: the next step goes on
behind the last one that was committed.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.modules.experiments.service import Experiments
from quanyu.modules.messaging.capabilities import read_account_id
from quanyu.modules.messaging.contracts import PlanMessage
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.plays.broadcasts import queries, rules
from quanyu.modules.plays.broadcasts.contracts import PREFIX, BroadcastStatus, PersonState, Timing
from quanyu.modules.plays.broadcasts.facts import CONTROL_GROUP, SENT_GROUP, entered
from quanyu.modules.plays.broadcasts.ports import BestHours, CanonicalIds, Zones
from quanyu.modules.plays.broadcasts.queries import AudienceRow, BroadcastRow, RunRow
from quanyu.modules.plays.broadcasts.waves import WaveCheck
from quanyu.modules.segments.service import Segments

_log = get_logger("broadcasts")

ACTOR: Final = "quanyu"  # Whoever looks at the moves sees that nobody did this by hand.
_SNAPSHOT: Final = 2_000
_PLAN: Final = 500
# So many are planned ahead of their sending: each took its cap, and is taken back when it is cancelled.
_AHEAD_MAX: Final = 20_000
_AHEAD_MIN: Final = 1_000


class Running:
    """Moves the broadcasts of every brand on."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        segments: Segments,
        messaging: Messaging,
        experiments: Experiments,
        *,
        canonical: CanonicalIds,
        hours: BestHours,
        zones: Zones,
        waves: WaveCheck,
        snapshot_size: int = _SNAPSHOT,
        plan_size: int = _PLAN,
    ) -> None:
        self._uows = uows
        self._segments = segments
        self._messaging = messaging
        self._experiments = experiments
        self._canonical = canonical
        self._hours = hours
        self._zones = zones
        self._waves = waves
        self._snapshot_size = snapshot_size
        self._plan_size = plan_size
        # The members of the run that is being written down; read once, as long as this process lives.
        self._members: dict[tuple[TenantId, int, int], list[int]] = {}

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.work(tenant_id), failed="broadcasts.failed")

    async def work(self, tenant_id: TenantId) -> int:
        """Give every broadcast one step; return how many did something. One in trouble stops no other."""
        async with self._uows.system(tenant_id) as uow:
            rows = await queries.list_open(uow)
        done = 0
        for row in rows:
            try:
                done += await self._step(tenant_id, row)
            except Exception as error:
                _log.error("broadcasts.step_failed", broadcast=encode_id(PREFIX, row.id), exc_info=error)
        return done

    async def _step(self, tenant_id: TenantId, row: BroadcastRow) -> bool:
        match row.status:
            case BroadcastStatus.SCHEDULED:
                return await self._begin(tenant_id, row)
            case BroadcastStatus.SNAPSHOTTING:
                return await self._snapshot(tenant_id, row)
            case BroadcastStatus.SENDING:
                return await self._send(tenant_id, row)
            case _:
                return await self._take_back(tenant_id, row)

    async def _begin(self, tenant_id: TenantId, row: BroadcastRow) -> bool:
        async with self._uows.system(tenant_id) as uow:
            moved = await queries.move(uow, row, BroadcastStatus.SNAPSHOTTING, actor=ACTOR, run=row.run + 1)
            if moved:
                await queries.begin_run(uow, row.id, row.run + 1)
        return moved

    # --- the audience -------------------------------------------------------------------------------------

    async def _snapshot(self, tenant_id: TenantId, row: BroadcastRow) -> bool:
        """Write down the next part of the audience, each with their turn or why they get nothing (MS-2)."""
        key = (tenant_id, row.id, row.run)
        if key not in self._members:
            async with self._uows.system(tenant_id) as uow:
                self._members[key] = await self._segments.member_ids(
                    uow, decode_id("seg", row.plan.segment_id)
                )
        async with self._uows.system(tenant_id) as uow:
            run = await self._lock(uow, row)
            if run is None:
                return False
            chunk = rules.chunk_after(self._members[key], run.cursor, self._snapshot_size)
            if chunk:
                people = await self._audience(uow, row, chunk)
                await queries.add_people(uow, row.id, row.run, people)
                for one in people:
                    if one.state in (PersonState.WAITING, PersonState.CONTROL):
                        group = SENT_GROUP if one.state is PersonState.WAITING else CONTROL_GROUP
                        uow.publish(
                            entered(
                                encode_id(PREFIX, row.id),
                                row.run,
                                one.person_id,
                                group,
                                one.timing,
                                at=run.started_at,
                            )
                        )
            is_over = len(chunk) < self._snapshot_size
            cursor = chunk[-1] if chunk else run.cursor
            await queries.advance(uow, row.id, row.run, cursor=cursor, is_over=is_over)
            if is_over:
                await queries.move(uow, row, BroadcastStatus.SENDING, actor=ACTOR)
        if is_over:
            self._members.pop(key, None)
        return True

    async def _audience(self, uow: UnitOfWork, row: BroadcastRow, chunk: list[int]) -> list[AudienceRow]:
        plan, seed = row.plan, encode_id(PREFIX, row.id)
        people = [PersonId(one) for one in chunk]
        excluded: set[int] = set()
        if plan.exclude_segment_id is not None:
            excluded = await self._segments.members_among(
                uow, decode_id("seg", plan.exclude_segment_id), chunk
            )
        held = await self._experiments.held_out(uow, people)
        control = self._experiments.drawn_out(seed, people, plan.holdout_bps) if plan.holdout_bps else set()
        hours = await self._hours.best_hours(uow, people) if plan.best_hour else {}
        zone = ZoneInfo(await self._zones.zone_of(uow))
        now = uow.clock.now()
        rows = []
        for one in people:
            state, due_at, timing = PersonState.WAITING, now, ""
            if one in excluded:
                state = PersonState.EXCLUDED
            elif one in held:
                state = PersonState.HELD_OUT
            elif one in control:
                state = PersonState.CONTROL
            elif plan.best_hour:
                drawn = rules.timing_of(seed, one, plan.random_hour_bps)
                if drawn is Timing.RANDOM or one in hours:
                    timing = str(drawn)
                    hour = rules.hour_of(seed, one) if drawn is Timing.RANDOM else hours[one]
                    due_at = rules.at_hour(now, zone, hour, seed, one)
            rows.append(AudienceRow(one, state, due_at, rules.wave_of(seed, one, plan.waves), timing))
        return rows

    # --- the messages -------------------------------------------------------------------------------------

    async def _send(self, tenant_id: TenantId, row: BroadcastRow) -> bool:
        """Plan the messages of the next people whose turn has come; end the run after the last."""
        async with self._uows.system(tenant_id) as uow:
            run = await self._lock(uow, row)
            if run is None:
                return False
            ahead = _AHEAD_MAX if row.plan.per_minute is None else max(_AHEAD_MIN, 2 * row.plan.per_minute)
            campaign = encode_id(PREFIX, row.id)
            waiting = await self._messaging.campaigns.count_open(uow, campaign, at_most=ahead, held=False)
            if waiting >= ahead:
                return False
            chunk = await queries.take_due(uow, row.id, run, rows_max=min(self._plan_size, ahead - waiting))
            if chunk:
                await self._plan(uow, row, chunk)
                return True
            if row.plan.waves is not None and run.wave == 0:
                if run.wave_at is None and not await queries.any_waiting(uow, row.id, run.run, wave=0):
                    await queries.end_first_wave(uow, row.id, run.run)
                    return True
            elif not await queries.any_waiting(uow, row.id, run.run):
                return await self._end(uow, row, campaign)
        return await self._waves.judge(tenant_id, row, run) if row.plan.waves and run.wave == 0 else False

    async def _plan(self, uow: UnitOfWork, row: BroadcastRow, chunk: list[int]) -> None:
        """Plan once for each who they are today: people who became one meanwhile get it once (MS-3)."""
        people = [PersonId(one) for one in chunk]
        today = await self._canonical(uow, people)
        broadcast = encode_id(PREFIX, row.id)
        known = [one for one in people if one in today]
        planned = await self._messaging.plan(
            uow, [_message(row, broadcast, today[one], uow.clock.now()) for one in known]
        )
        messages: dict[int, int] = {}
        taken: set[int] = set()
        for one, message in zip(known, planned, strict=True):
            if message.created and message.message_id not in taken:
                messages[one] = message.message_id
                taken.add(message.message_id)
        await queries.mark_planned(uow, row.id, row.run, messages)
        await queries.mark(
            uow, row.id, row.run, [one for one in chunk if one not in messages], PersonState.DUPLICATE
        )

    async def _end(self, uow: UnitOfWork, row: BroadcastRow, campaign: str) -> bool:
        """End the run once nothing of it waits; a recurring broadcast is due again."""
        if await self._messaging.campaigns.count_open(uow, campaign, at_most=1, held=True):
            return False
        await queries.end_run(uow, row.id, row.run)
        zone = ZoneInfo(await self._zones.zone_of(uow))
        again = rules.next_at(row.plan.schedule, zone, uow.clock.now())
        target = BroadcastStatus.DONE if again is None else BroadcastStatus.SCHEDULED
        await queries.move(uow, row, target, actor=ACTOR, next_at=again)
        if again is None:
            await self._segments.unlisten(uow, decode_id("seg", row.plan.segment_id), campaign)
        return True

    async def _take_back(self, tenant_id: TenantId, row: BroadcastRow) -> bool:
        """Let go whose turn has not come, and take back what waits; end when nothing is in hand."""
        campaign = encode_id(PREFIX, row.id)
        async with self._uows.system(tenant_id) as uow:
            if not await _is_still(uow, row):
                return False
            if row.run and await queries.cancel_waiting(uow, row.id, row.run, rows_max=_SNAPSHOT):
                return True
            if await self._messaging.campaigns.withdraw(uow, campaign):
                return True
            if await self._messaging.campaigns.count_open(uow, campaign, at_most=1, held=True):
                return False  # Calls in flight: their outcomes are waited for.
            if row.run:
                await queries.end_run(uow, row.id, row.run)
            await queries.move(uow, row, BroadcastStatus.CANCELLED, actor=ACTOR)
            await self._segments.unlisten(uow, decode_id("seg", row.plan.segment_id), campaign)
        self._members.pop((tenant_id, row.id, row.run), None)
        return True

    async def _lock(self, uow: UnitOfWork, row: BroadcastRow) -> RunRow | None:
        """Lock a broadcast that still is where it was seen; ``None``: somebody moved it."""
        return await queries.get_run(uow, row.id, row.run) if await _is_still(uow, row) else None


async def _is_still(uow: UnitOfWork, row: BroadcastRow) -> bool:
    now = await queries.find(uow, row.id, lock=True)
    return now is not None and (now.status, now.run) == (row.status, row.run)


def _message(row: BroadcastRow, broadcast: str, person: PersonId, now: datetime) -> PlanMessage:
    plan = row.plan
    return PlanMessage(
        origin_key=f"broadcast:{broadcast}:{row.run}:{person}",
        person_id=person,
        account_id=read_account_id(plan.message_kind, plan.account_id),
        message_kind=plan.message_kind,
        content=plan.content,
        purpose=plan.purpose,
        campaign=broadcast,
        expires_at=now + timedelta(seconds=plan.expires_after_s),
    )
