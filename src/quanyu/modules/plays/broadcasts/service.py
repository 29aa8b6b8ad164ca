"""Broadcasts: the module's public face."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.messaging.capabilities import read_account_id
from quanyu.modules.messaging.contracts import ChangeCampaign
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.service import People
from quanyu.modules.plays.broadcasts import queries, rules
from quanyu.modules.plays.broadcasts.contracts import (
    BROADCASTS_MAX,
    PREFIX,
    AudienceView,
    BroadcastPage,
    BroadcastPeople,
    BroadcastPerson,
    BroadcastRowView,
    BroadcastStatus,
    BroadcastView,
    MoveView,
    PersonState,
    RunView,
    SaveBroadcast,
)
from quanyu.modules.plays.broadcasts.errors import (
    BroadcastNotFound,
    InvalidBroadcast,
    TooManyBroadcasts,
    WrongStatus,
)
from quanyu.modules.plays.broadcasts.ports import Zones
from quanyu.modules.plays.broadcasts.queries import BroadcastRow
from quanyu.modules.segments.service import Segments

_RUNS_MAX: Final = 20
_NO_FATE: Final = (None, None)
_MOVES_MAX: Final = 50


class Broadcasts:
    """Plan, schedule, pause, cancel and look at broadcasts; ``running.py`` moves them on by themselves."""

    def __init__(self, segments: Segments, messaging: Messaging, people: People, zones: Zones) -> None:
        self._segments = segments
        self._messaging = messaging
        self._people = people
        self._zones = zones

    # --- the plan -----------------------------------------------------------------------------------------

    async def create(self, uow: UnitOfWork, plan: SaveBroadcast) -> BroadcastView:
        """Plan a broadcast; nothing goes out until it is scheduled.

        Raises:
            SegmentNotFound: a segment is none of the brand's.
            InvalidContent: a part is missing, unknown or too long, or its Liquid cannot be parsed.
            InvalidId: the account is none, or its product does not send the kind.
            TooManyBroadcasts: the brand has ``BROADCASTS_MAX``.
        """
        if await queries.count(uow) >= BROADCASTS_MAX:
            raise TooManyBroadcasts(
                f"a brand has at most {BROADCASTS_MAX} broadcasts; delete drafts nobody needs",
                message_zh=f"一个品牌最多 {BROADCASTS_MAX} 个群发，请删除不需要的草稿",
            )
        await self._check(uow, plan)
        broadcast_id = new_id()
        await queries.insert(uow, broadcast_id, plan)
        return await self.get(uow, broadcast_id)

    async def save(self, uow: UnitOfWork, broadcast_id: int, plan: SaveBroadcast) -> BroadcastView:
        """Change the plan of a draft.

        Raises:
            BroadcastNotFound, SegmentNotFound, InvalidContent, InvalidId
            WrongStatus: it is no draft.
        """
        row = await self._lock(uow, broadcast_id)
        _require(row, BroadcastStatus.DRAFT)
        await self._check(uow, plan)
        await queries.save_plan(uow, broadcast_id, plan)
        return await self.get(uow, broadcast_id)

    async def delete(self, uow: UnitOfWork, broadcast_id: int) -> None:
        """Delete a draft that never ran.

        Raises:
            BroadcastNotFound
            WrongStatus: it is no draft, or was sent before.
        """
        row = await self._lock(uow, broadcast_id)
        _require(row, BroadcastStatus.DRAFT)
        if row.run:
            raise WrongStatus(
                "this broadcast was sent before; its results are kept",
                message_zh="该群发已发送过，结果需要保留，不能删除",
            )
        await queries.delete(uow, broadcast_id)

    async def audience(self, uow: UnitOfWork, plan: SaveBroadcast) -> AudienceView:
        """Count whom a plan would reach as the segments stand now; rules and consent are asked later.

        Raises:
            SegmentNotFound: a segment is none of the brand's.
        """
        members = await self._segments.member_ids(uow, decode_id("seg", plan.segment_id))
        excluded: set[int] = set()
        if plan.exclude_segment_id is not None:
            out = decode_id("seg", plan.exclude_segment_id)
            excluded = set(members) & set(await self._segments.member_ids(uow, out))
        left = len(members) - len(excluded)
        control = round(left * plan.holdout_bps / 10_000)
        return AudienceView(
            members=len(members), excluded=len(excluded), control=control, to_send=left - control
        )

    async def _check(self, uow: UnitOfWork, plan: SaveBroadcast) -> None:
        for segment in (plan.segment_id, plan.exclude_segment_id):
            if segment is not None:
                await self._segments.get(uow, decode_id("seg", segment))
        read_account_id(plan.message_kind, plan.account_id)
        self._messaging.check_content(plan.message_kind, plan.content)

    # --- its life -----------------------------------------------------------------------------------------

    async def schedule(self, uow: UnitOfWork, broadcast_id: int, *, actor: str) -> BroadcastView:
        """Let it go out at its time, at once if that is now or past.

        Raises:
            BroadcastNotFound
            WrongStatus: it is no draft.
            InvalidBroadcast: its schedule is over.
        """
        row = await self._lock(uow, broadcast_id)
        zone = ZoneInfo(await self._zones.zone_of(uow))
        at = rules.first_at(row.plan.schedule, zone, uow.clock.now())
        if at is None:
            raise InvalidBroadcast(
                "the last day of its schedule is over; choose a later one",
                message_zh="排期的截止日期已过，请重新选择",
            )
        await self._move(uow, row, BroadcastStatus.SCHEDULED, actor=actor, from_=BroadcastStatus.DRAFT, at=at)
        await self._segments.listen(uow, decode_id("seg", row.plan.segment_id), encode_id(PREFIX, row.id))
        if row.plan.per_minute is not None:
            rate = ChangeCampaign(rate_per_s=row.plan.per_minute / 60)
            await self._messaging.campaigns.change(uow, encode_id(PREFIX, row.id), rate)
        return await self.get(uow, broadcast_id)

    async def unschedule(self, uow: UnitOfWork, broadcast_id: int, *, actor: str) -> BroadcastView:
        """Take it back to the table before its time.

        Raises:
            BroadcastNotFound
            WrongStatus: it is not scheduled any more.
        """
        row = await self._lock(uow, broadcast_id)
        await self._move(uow, row, BroadcastStatus.DRAFT, actor=actor)
        await self._segments.unlisten(uow, decode_id("seg", row.plan.segment_id), encode_id(PREFIX, row.id))
        return await self.get(uow, broadcast_id)

    async def pause(self, uow: UnitOfWork, broadcast_id: int, *, actor: str) -> BroadcastView:
        """Hand nothing over any more, until it goes on.

        Raises:
            BroadcastNotFound
            WrongStatus: it is not going out.
        """
        row = await self._lock(uow, broadcast_id)
        await self._move(uow, row, BroadcastStatus.PAUSED, actor=actor)
        await self._messaging.campaigns.change(
            uow, encode_id(PREFIX, broadcast_id), ChangeCampaign(paused=True)
        )
        return await self.get(uow, broadcast_id)

    async def resume(self, uow: UnitOfWork, broadcast_id: int, *, actor: str) -> BroadcastView:
        """Go on where it was paused; a first wave that did harm is let pass.

        Raises:
            BroadcastNotFound
            WrongStatus: it is not paused.
        """
        row = await self._lock(uow, broadcast_id)
        run = await queries.get_run(uow, broadcast_id, row.run) if row.run else None
        is_counted = run is not None and run.counted_at is not None
        target = BroadcastStatus.SENDING if is_counted else BroadcastStatus.SNAPSHOTTING
        await self._move(uow, row, target, actor=actor, from_=BroadcastStatus.PAUSED)
        if run is not None and is_counted and not await queries.any_waiting(uow, row.id, run.run, wave=0):
            await queries.next_wave(uow, row.id, run.run)
        await self._messaging.campaigns.change(
            uow, encode_id(PREFIX, broadcast_id), ChangeCampaign(paused=False)
        )
        return await self.get(uow, broadcast_id)

    async def cancel(self, uow: UnitOfWork, broadcast_id: int, *, actor: str) -> BroadcastView:
        """Take back what waits; nothing is handed over after this.

        Raises:
            BroadcastNotFound
            WrongStatus: it is a draft, or over.
        """
        row = await self._lock(uow, broadcast_id)
        await self._move(uow, row, BroadcastStatus.CANCELLING, actor=actor)
        await self._messaging.campaigns.stop(uow, encode_id(PREFIX, broadcast_id))
        return await self.get(uow, broadcast_id)

    # --- looking ------------------------------------------------------------------------------------------

    async def get(self, uow: UnitOfWork, broadcast_id: int) -> BroadcastView:
        """Return one broadcast.

        Raises:
            BroadcastNotFound: this brand has no such broadcast.
        """
        row = await self.load(uow, broadcast_id)
        counts = await queries.tally(uow, [broadcast_id])
        runs = await queries.list_runs(uow, broadcast_id, rows_max=_RUNS_MAX)
        moves = await queries.list_moves(uow, broadcast_id, rows_max=_MOVES_MAX)
        return BroadcastView(
            **_row_view(row, counts).model_dump(),
            plan=row.plan,
            progress=await self._messaging.campaigns.get(uow, encode_id(PREFIX, broadcast_id)),
            runs=tuple(
                RunView(
                    run=one.run,
                    started_at=one.started_at,
                    counted_at=one.counted_at,
                    ended_at=one.ended_at,
                    audience=sum(counts.get((broadcast_id, one.run), {}).values()),
                    by_state={
                        state: counts.get((broadcast_id, one.run), {}).get(state, 0) for state in PersonState
                    },
                )
                for one in runs
            ),
            moves=tuple(
                MoveView(
                    at=one.at,
                    actor=one.actor,
                    from_status=BroadcastStatus(one.from_status),
                    to_status=BroadcastStatus(one.to_status),
                    reason=one.reason,
                )
                for one in moves
            ),
        )

    async def list_page(self, uow: UnitOfWork, *, cursor: str | None, limit: int | None) -> BroadcastPage:
        """Return broadcasts, newest first.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int)[0] if cursor else None
        rows = await queries.list_page(uow, before_id=before, rows_max=size + 1)
        shown = rows[:size]
        counts = await queries.tally(uow, [row.id for row in shown])
        return BroadcastPage(
            items=tuple(_row_view(row, counts) for row in shown),
            next_cursor=encode_cursor(shown[-1].id) if len(rows) > size else None,
        )

    async def people(
        self,
        uow: UnitOfWork,
        broadcast_id: int,
        *,
        run: int | None,
        state: PersonState | None,
        person_id: PersonId | None,
        cursor: str | None,
        limit: int | None,
    ) -> BroadcastPeople:
        """Return people of a run (the latest, if none is named), with what became of them; or one of them.

        Raises:
            BroadcastNotFound, InvalidCursor
        """
        row = await self.load(uow, broadcast_id)
        size = clamp_limit(limit)
        after = decode_cursor(cursor, int)[0] if cursor else 0
        # Whoever was merged since stands in the audience as who they were then.
        among = None if person_id is None else await self._people.members_of(uow, person_id)
        found = await queries.list_people(
            uow,
            broadcast_id,
            run or row.run,
            state=state,
            among=among,
            after=after,
            rows_max=size + 1,
        )
        shown = found[:size]
        names = await self._people.display_names(uow, [PersonId(one[0]) for one in shown])
        ids = [message_id for *_, message_id in shown if message_id is not None]
        fates = await self._messaging.campaigns.fates(uow, ids)
        return BroadcastPeople(
            items=tuple(
                BroadcastPerson(
                    person_id=encode_id("per", person),
                    display_name=names.get(PersonId(person), ""),
                    state=PersonState(kept),
                    timing=timing,
                    due_at=due_at,
                    message_id=encode_id("msg", message_id) if message_id is not None else None,
                    message_state=fates.get(message_id or 0, _NO_FATE)[0],
                    reason_text=fates.get(message_id or 0, _NO_FATE)[1],
                )
                for person, kept, timing, due_at, message_id in shown
            ),
            next_cursor=encode_cursor(shown[-1][0]) if len(found) > size else None,
        )

    async def load(self, uow: UnitOfWork, broadcast_id: int) -> BroadcastRow:
        """Return a broadcast as it is stored, or raise ``BroadcastNotFound``."""
        row = await queries.find(uow, broadcast_id)
        if row is None:
            raise _not_found(broadcast_id)
        return row

    async def _lock(self, uow: UnitOfWork, broadcast_id: int) -> BroadcastRow:
        row = await queries.find(uow, broadcast_id, lock=True)
        if row is None:
            raise _not_found(broadcast_id)
        return row

    async def _move(
        self,
        uow: UnitOfWork,
        row: BroadcastRow,
        target: BroadcastStatus,
        *,
        actor: str,
        from_: BroadcastStatus | None = None,
        at: datetime | None = None,
    ) -> None:
        _require(row, *(rules.sources_of(target) if from_ is None else {from_}))
        if not await queries.move(uow, row, target, actor=actor, next_at=at):
            raise WrongStatus(
                "somebody moved this broadcast just now; look again",
                message_zh="该群发的状态刚刚被更改，请刷新后再试",
            )


def _require(row: BroadcastRow, *allowed: BroadcastStatus) -> None:
    if row.status not in allowed:
        raise WrongStatus(
            f"the broadcast is {row.status}; this needs {' or '.join(sorted(allowed))}",
            message_zh=f"群发当前状态为 {row.status}，此操作需要 {'/'.join(sorted(allowed))}",
        )


def _row_view(row: BroadcastRow, counts: dict[tuple[int, int], dict[PersonState, int]]) -> BroadcastRowView:
    return BroadcastRowView(
        id=encode_id(PREFIX, row.id),
        name=row.name,
        status=row.status,
        run=row.run,
        next_at=row.next_at,
        audience=sum(sum(states.values()) for (one, _), states in counts.items() if one == row.id),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _not_found(broadcast_id: int) -> BroadcastNotFound:
    broadcast = encode_id(PREFIX, broadcast_id)
    return BroadcastNotFound(f"there is no broadcast {broadcast}", message_zh=f"没有这个群发：{broadcast}")
