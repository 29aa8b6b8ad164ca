"""Keeps members up to date: evaluate, compare, write the difference, state who entered and left.

PostgreSQL holds the members; the warehouse has a copy to compare with. Every committed change of the
members has a number. The copy is written after the commit; where it lags (a crash in between), it is
brought in line before the next comparison.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.errors import AppError, Unavailable
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.segments.accounts.keeping import AccountKeeper
from quanyu.modules.segments.compiler import Evaluation
from quanyu.modules.segments.conditions.listed import InList
from quanyu.modules.segments.contracts import Refreshed
from quanyu.modules.segments.crossings import exact_instants
from quanyu.modules.segments.errors import SegmentNotFound
from quanyu.modules.segments.following import Follower
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.insights.queries import drop_sizes, note_size
from quanyu.modules.segments.lists.mirror import ListMirror
from quanyu.modules.segments.members import MemberQueries
from quanyu.modules.segments.queries import SegmentQueries, SegmentRow
from quanyu.modules.segments.references import asked_first, asked_in, with_asked
from quanyu.modules.segments.rules import (
    DUTY_MAX,
    PAUSE_FAILED_S,
    Change,
    Difference,
    chunks,
    is_due,
    membership_fact,
    plan_changes,
)
from quanyu.modules.segments.schedules import Live, is_planned, read_schedule
from quanyu.modules.segments.service import evaluation_at
from quanyu.modules.segments.tree import Condition, parse_definition
from quanyu.modules.tenants.service import Tenants

_log = get_logger("segments.refresh")

CHUNK: Final = 5_000  # Changes of one transaction, which may take five seconds at most.
PURGE_CHUNK: Final = 20_000
LOOK_EVERY_S: Final = 0.5
TIDY_EVERY_S: Final = 3600.0


class _Outdated(Exception):
    """The segment was changed by somebody else meanwhile; evaluate again."""


class Refresher:
    """Evaluates segments, one after the other."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse, tenants: Tenants) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._tenants = tenants
        self._lists = ListMirror(uows, warehouse)
        self._follower = Follower(uows)
        self._accounts = AccountKeeper(uows, warehouse)
        self._tidied_s: dict[TenantId, float] = {}
        self._wake = asyncio.Event()
        self._evaluated_s: dict[tuple[TenantId, int], float] = {}  # Real time of the last evaluation.

    def wake(self, tenant_id: TenantId) -> None:
        """Say that a definition or listener has changed."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Evaluate what is due until ``stop`` is set."""
        while not stop.is_set():
            self._wake.clear()
            for brand in await self._brands():
                await self.tick(brand)
                if stop.is_set():
                    return
            await _first_of(stop, self._wake, limit_s=LOOK_EVERY_S)

    async def _brands(self) -> list[TenantId]:
        try:
            return [brand.tenant_id for brand in await self._tenants.list_brands(self._uows)]
        except Exception:
            _log.warning("segments.brands_unavailable", exc_info=True)
            return []

    async def tick(self, tenant_id: TenantId) -> int:
        """Evaluate the brand's segments that are due; return how many. One failing holds up no other."""
        done = 0
        try:
            async with self._uows.system(tenant_id) as uow:
                queries = SegmentQueries(uow)
                rows = {row.id: row for row in await queries.list_all(limit=10_000)}
                asked = {row.id: frozenset(asked_in(row.definition)) for row in rows.values()}
                listened = with_asked(await queries.list_listened(), asked)
                deleted = await queries.list_deleted()
                now, brand = uow.clock.now(), await self._tenants.get_brand(uow)
            zone = ZoneInfo(brand.time_zone)
            # First what those ask about whom people work for.
            everything = frozenset().union(*asked.values())
            await self._accounts.keep(tenant_id, evaluation_at(now, brand.time_zone), asked=everything)
            for row in (rows[segment_id] for segment_id in asked_first(rows, asked)):
                age = age_of(row, now)
                last_s = self._evaluated_s.get((tenant_id, row.id))
                since_s = None if age is None or last_s is None else time.monotonic() - last_s
                took_s = (row.took_ms or 0) / 1000
                pause_s = PAUSE_FAILED_S if row.error else took_s / DUTY_MAX
                if not is_wanted(row, now, zone, is_listened=row.id in listened):
                    continue
                hurries = row.id in listened or is_asked_for(row)
                if is_due(age=age, is_listened=hurries, real_s_since=since_s, pause_s=pause_s):
                    await self._try(tenant_id, row.id)
                    done += 1
            for segment_id in deleted:
                await self.purge(tenant_id, segment_id)
            await self._tidy(tenant_id)
        except Unavailable:
            _log.warning("segments.waiting", tenant=tenant_id)
        except Exception:
            _log.error("segments.tick_failed", tenant=tenant_id, exc_info=True)
        return done

    async def _tidy(self, tenant_id: TenantId) -> None:
        last = self._tidied_s.get(tenant_id)
        if last is None or time.monotonic() - last >= TIDY_EVERY_S:
            await self._lists.tidy(tenant_id)
            self._tidied_s[tenant_id] = time.monotonic()

    async def _try(self, tenant_id: TenantId, segment_id: int) -> None:
        try:
            await self.refresh(tenant_id, segment_id)
        except SegmentNotFound:
            return  # Deleted meanwhile.
        except Unavailable:
            raise  # Nothing is wrong with the segment.
        except AppError as error:
            _log.warning("segments.refresh_failed", segment=encode_id("seg", segment_id), code=error.code)
            async with self._uows.system(tenant_id) as uow:
                await SegmentQueries(uow).note_failure(segment_id, f"{error.code}: {error.message}")
        finally:
            self._evaluated_s[tenant_id, segment_id] = time.monotonic()

    async def refresh(self, tenant_id: TenantId, segment_id: int) -> Refreshed:
        """Evaluate one segment in full and bring its members up to date.

        Publishes ``segments.entered`` and ``segments.left`` for exactly the people who did, in the commit
        that changes the members. People merged meanwhile neither enter nor leave by that.

        Raises:
            SegmentNotFound: there is none.
            WarehouseUnavailable: nothing has changed.
        """
        for _ in range(3):
            try:
                return await self._refresh(tenant_id, segment_id)
            except _Outdated:
                continue
        raise Unavailable("the segment keeps changing; it is evaluated again with the next tick")

    async def _refresh(self, tenant_id: TenantId, segment_id: int) -> Refreshed:
        history = SegmentHistory(self._warehouse, tenant_id)
        segment, at = await self._open(tenant_id, segment_id)
        if segment.mirrored != segment.generation:
            await self._repair(history, tenant_id, segment)
        started = time.perf_counter()
        definition = parse_definition(segment.definition)
        if isinstance(definition, InList):
            await self._lists.bring(tenant_id, definition.number)
        seen = await self._follower.look(history, tenant_id, segment, definition)
        followed = await self._follower.difference(history, tenant_id, segment, definition, at)
        difference = followed or await history.difference(segment_id, definition, at)
        generation = segment.generation
        instants = await self._instants(history, segment, definition, difference, at)
        for part in chunks(plan_changes(difference, instants), CHUNK):
            generation, since = await self._commit(tenant_id, segment, generation, part, at)
            removed = [row for change in part for row in change.removed_rows]
            await history.write_members(segment_id, added=since, removed=removed, at=at.as_of)
            await self._note_mirrored(tenant_id, segment_id, generation)
        took_ms = round((time.perf_counter() - started) * 1000)
        async with self._uows.system(tenant_id) as uow:
            queries = SegmentQueries(uow)
            _check(await queries.lock(segment_id), segment.revision, generation)
            await queries.confirm(segment_id, revision=segment.revision, as_of=at.as_of, took_ms=took_ms)
            await note_size(
                uow,
                segment_id,
                at=at.as_of,
                count=difference.count,
                entered=len(difference.entered),
                left=len(difference.left),
            )
        self._follower.note(tenant_id, segment, at, seen, full=followed is None)
        return Refreshed(
            count=difference.count,
            entered=len(difference.entered),
            left=len(difference.left),
            as_of=at.as_of,
            took_ms=took_ms,
        )

    async def _instants(
        self,
        history: SegmentHistory,
        segment: SegmentRow,
        definition: Condition,
        difference: Difference,
        at: Evaluation,
    ) -> dict[int, datetime]:
        """Return when people crossed, unless they are members of a definition that is new."""
        if segment.as_of is None or segment.revision != segment.evaluated_revision:
            return {}
        return await exact_instants(history, definition, difference, at, since=segment.as_of)

    async def _open(self, tenant_id: TenantId, segment_id: int) -> tuple[SegmentRow, Evaluation]:
        async with self._uows.system(tenant_id) as uow:
            segment = await SegmentQueries(uow).get(segment_id)
            brand = await self._tenants.get_brand(uow)
            return segment, evaluation_at(uow.clock.now(), brand.time_zone)

    async def _commit(
        self,
        tenant_id: TenantId,
        segment: SegmentRow,
        generation: int,
        part: Sequence[Change],
        at: Evaluation,
    ) -> tuple[int, dict[int, datetime]]:
        """Write some changes with their facts.

        Return the number of this commit, and since when those are members whom it concerned.
        """
        async with self._uows.system(tenant_id) as uow:
            queries = SegmentQueries(uow)
            _check(await queries.lock(segment.id), segment.revision, generation)
            members = MemberQueries(uow)
            change = await _write(members, segment.id, part, at)
            if not segment.owner:  # Whoever keeps it states what follows from it.
                _publish(uow, segment.id, part, at)
            generation = await queries.advance(segment.id, count_change=change)
            staying = [change.person for change in part if not change.is_left]
            return generation, await members.since_of(segment.id, staying)

    async def _note_mirrored(self, tenant_id: TenantId, segment_id: int, generation: int) -> None:
        async with self._uows.system(tenant_id) as uow:
            await SegmentQueries(uow).note_mirrored(segment_id, generation)

    async def _repair(self, history: SegmentHistory, tenant_id: TenantId, segment: SegmentRow) -> None:
        """Make the warehouse's copy equal to the members again."""
        async with self._uows.system(tenant_id) as uow:
            members = await MemberQueries(uow).list_since(segment.id)
            now = uow.clock.now()
        stored = await history.stored_members(segment.id)
        await history.write_members(
            segment.id,
            added={
                person: datetime.fromtimestamp(since / 1000, UTC)
                for person, since in members.items()
                if stored.get(person) != since
            },
            removed=sorted(stored.keys() - members.keys()),
            at=segment.as_of or now,
        )
        await self._note_mirrored(tenant_id, segment.id, segment.generation)
        _log.info("segments.copy_repaired", segment=encode_id("seg", segment.id))

    async def purge(self, tenant_id: TenantId, segment_id: int) -> None:
        """Take a deleted segment's members away, here and in the warehouse."""
        while True:
            async with self._uows.system(tenant_id) as uow:
                if not await MemberQueries(uow).drop(segment_id, PURGE_CHUNK):
                    break
        await SegmentHistory(self._warehouse, tenant_id).forget(segment_id)
        await self._lists.purge(tenant_id, segment_id)
        async with self._uows.system(tenant_id) as uow:
            await drop_sizes(uow, segment_id)
            await SegmentQueries(uow).forget(segment_id)


def _check(locked: SegmentRow, revision: int, generation: int) -> None:
    if locked.deleted_at is not None:
        raise SegmentNotFound("the segment was deleted")
    if (locked.revision, locked.generation) != (revision, generation):
        raise _Outdated


def age_of(row: SegmentRow, now: datetime) -> timedelta | None:
    """Return how old the members are; ``None`` where there are none of this definition yet."""
    return None if row.as_of is None or row.revision != row.evaluated_revision else now - row.as_of


def is_asked_for(row: SegmentRow) -> bool:
    """Tell whether somebody asked for an evaluation that has not come yet."""
    return row.wanted_at is not None and row.as_of is not None and row.wanted_at > row.as_of


def is_wanted(row: SegmentRow, now: datetime, zone: ZoneInfo, *, is_listened: bool) -> bool:
    """Tell whether schedule, listeners or somebody who asked want a segment evaluated, if it is time."""
    if age_of(row, now) is None or row.as_of is None or is_listened:
        return True
    if is_asked_for(row):
        return True
    schedule = read_schedule(row.schedule)
    return isinstance(schedule, Live) or is_planned(schedule, as_of=row.as_of, now=now, zone=zone)


async def _write(members: MemberQueries, segment_id: int, part: Sequence[Change], at: Evaluation) -> int:
    """Write member rows; return by how many their number has changed."""
    moves = [(row, change.person) for change in part if not change.is_left for row in change.removed_rows]
    entered = {change.person: change.at or at.as_of for change in part if change.is_entered}
    removed = [row for change in part for row in change.removed_rows]
    added = await members.adopt(segment_id, moves) if moves else 0
    added += await members.add(segment_id, entered) if entered else 0
    return added - (await members.remove(segment_id, removed) if removed else 0)


def _publish(uow: UnitOfWork, segment_id: int, part: Sequence[Change], at: Evaluation) -> None:
    for change in part:
        if change.is_entered or change.is_left:
            name = "segments.entered" if change.is_entered else "segments.left"
            uow.publish(
                membership_fact(name, segment_id=segment_id, person=change.person, at=change.at or at.as_of)
            )


async def _first_of(*events: asyncio.Event, limit_s: float) -> None:
    """Wait until one of the events is set, or the time is over."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
