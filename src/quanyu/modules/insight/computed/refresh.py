"""Keeping values exact: only people whose values may have changed are computed, and only differences written.

A computation that is cut off leaves its progress where it was, and the next one looks at the same people
again; writing the same value twice changes nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.asking.scanning import Evaluation
from quanyu.modules.insight.computed.candidates import Candidates, find_candidates
from quanyu.modules.insight.computed.definition import Rank, parse_definition
from quanyu.modules.insight.computed.evaluator import Evaluator
from quanyu.modules.insight.computed.plan import Plan, plan_all
from quanyu.modules.insight.computed.queries import ComputedQueries, Progress, Row, Touched
from quanyu.modules.insight.computed.ranks import places
from quanyu.modules.insight.computed.values import Json
from quanyu.modules.people.computed.keys import SOURCE_PREFIX, attribute_key
from quanyu.modules.people.computed.store import ComputedStore, Held
from quanyu.modules.people.contracts import AttributeWrite
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

_log = get_logger("insight.computed")

CHUNK: Final = 5_000  # People of one look.
WRITES: Final = 5_000  # Values of one transaction.
EVERY: Final = timedelta(seconds=60)
FULL_EVERY: Final = timedelta(days=1)  # Retention and erasure take events away without a word.
_LOOK_EVERY_S: Final = 2.0
_REST_TIMES: Final = 4  # A pause is at least so many times as long as the computation before it.


class ComputedWrite(NamedTuple):
    """The value of one computed attribute of one canonical person; ``None`` takes it away."""

    person: int
    key: str
    value: Json


@dataclass(slots=True)
class Refreshed:
    """What a computation did."""

    as_of: datetime
    looked_at: int = 0  # People.
    changed: int = 0  # Values.
    full: tuple[str, ...] = ()  # Keys computed for everybody.
    took_ms: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Work:
    """What is to be done, as one unit of work found it."""

    rows: dict[str, Row]  # The live attributes by key.
    plan: Plan
    before: Progress | None
    touched: Touched
    at: Evaluation
    stored: int
    full: set[str]
    changed: dict[str, int] = field(default_factory=dict)


class ComputedRefresher:
    """Computes the attributes of brands; one computation at a time per brand."""

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
    ) -> None:
        self._uows = uows
        self._people = people
        self._warehouse = warehouse
        self._tenants = tenants
        self._running: dict[TenantId, asyncio.Lock] = {}

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Keep a brand's values up to date until ``stopping`` is set."""
        while not stopping.is_set():
            began_s = time.monotonic()
            try:
                if await self.is_due(tenant_id):
                    await self.refresh(tenant_id)
            except Unavailable as error:
                _log.warning("insight.computed_waits", tenant=tenant_id, code=error.code)
            await wait(stopping, max(_LOOK_EVERY_S, _REST_TIMES * (time.monotonic() - began_s)))

    async def is_due(self, tenant_id: TenantId) -> bool:
        """Tell whether a minute has passed, or something was published, resumed or deleted."""
        async with self._uows.system(tenant_id) as uow:
            queries = ComputedQueries(uow)
            live = [row for row in await queries.list_all() if row.state == "live"]
            if any(row.full_at is None and row.error is None for row in live):
                return True
            if await queries.list_deleted():
                return True
            before = await queries.progress()
            return bool(live) and (before is None or uow.clock.now() - before.as_of >= EVERY)

    async def refresh(self, tenant_id: TenantId, *, full: bool = False) -> Refreshed:
        """Bring every live attribute up to date, as of now; with ``full``, look at everybody.

        Raises:
            WarehouseUnavailable: some values may be new, the rest follow next time.
        """
        async with self._running.setdefault(tenant_id, asyncio.Lock()):
            started = time.perf_counter()
            await self._purge(tenant_id)
            work = await self._open(tenant_id, full=full)
            done = Refreshed(work.at.as_of)
            evaluator = Evaluator(self._warehouse.for_tenant(tenant_id), work.plan, work.at)
            told_upto = 0
            if work.rows:
                told_upto = await self._compute(tenant_id, work, evaluator, done)
            done.took_ms = round((time.perf_counter() - started) * 1000)
            done.changed, done.failed = sum(work.changed.values()), evaluator.failed
            await self._close(tenant_id, work, done, told_upto)
            return done

    async def _open(self, tenant_id: TenantId, *, full: bool) -> _Work:
        async with self._uows.system(tenant_id) as uow:
            queries = ComputedQueries(uow)
            rows = {row.key: row for row in await queries.list_all() if row.definition is not None}
            now = uow.clock.now()
            now = now.replace(microsecond=now.microsecond // 1000 * 1000)
            brand = await self._tenants.get_brand(uow)
            live = {key: row for key, row in rows.items() if row.state == "live"}
            return _Work(
                rows=live,
                plan=plan_all({key: parse_definition(row.definition) for key, row in rows.items()}),
                before=await queries.progress(),
                touched=await queries.touched(),
                at=Evaluation(now, ZoneInfo(brand.time_zone)),
                stored=await queries.stored_batch(),
                full={key for key, row in live.items() if full or _is_old(row, now)},
            )

    async def _compute(self, tenant_id: TenantId, work: _Work, evaluator: Evaluator, done: Refreshed) -> int:
        gate = self._warehouse.for_tenant(tenant_id)
        told_upto = await _newest_profile(gate)
        async with self._uows.system(tenant_id) as uow:
            touched = await ComputedStore(uow).canonical(work.touched.people)
        found = await find_candidates(
            gate,
            work.plan,
            work.rows,
            full=work.full,
            before=work.before,
            stored=work.stored,
            told_upto=told_upto,
            touched=touched,
            at=work.at,
        )
        done.full = tuple(sorted(found.everybody))
        async for people in self._chunks(tenant_id, found):
            await self._chunk(tenant_id, work, evaluator, people, found.keys_for(people))
            done.looked_at += len(people)
        for planned in work.plan.values():
            if isinstance(planned.definition, Rank) and planned.key in work.rows:
                await self._rank(tenant_id, work, planned.key, planned.definition, touched)
        return told_upto

    async def _chunks(self, tenant_id: TenantId, found: Candidates) -> AsyncIterator[list[int]]:
        """Yield canonical people in order: everybody, or those named."""
        if found.everybody:
            after = 0
            while True:
                async with self._uows.system(tenant_id) as uow:
                    people = await ComputedStore(uow).profiles_after(after, CHUNK)
                if not people:
                    return
                yield people
                after = people[-1]
        named = sorted(found.all_people())
        for start in range(0, len(named), CHUNK):
            part = named[start : start + CHUNK]
            async with self._uows.system(tenant_id) as uow:
                people = sorted(await ComputedStore(uow).canonical(part) & set(part))
            if people:
                yield people

    async def _chunk(
        self,
        tenant_id: TenantId,
        work: _Work,
        evaluator: Evaluator,
        people: Sequence[int],
        keys: set[str],
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            store = ComputedStore(uow)
            members = await store.members(people)
            held = await store.held(people, evaluator.keys_kept(keys))
            told = await store.told(people, evaluator.keys_told(keys))
        values = await evaluator.values(keys, people, members, held, told)
        await self._write(tenant_id, work, differences(people, values, held))

    async def _rank(
        self, tenant_id: TenantId, work: _Work, key: str, definition: Rank, touched: set[int]
    ) -> None:
        """Place everybody again, where anything the places follow from has changed."""
        if key not in work.full and not touched and not work.changed.get(definition.of):
            return
        async with self._uows.system(tenant_id) as uow:
            store = ComputedStore(uow)
            base = await store.numbers(definition.of)
            placed = await store.numbers(key)
        now = places(base)
        people = sorted(base.keys() | placed.keys() | touched)
        for start in range(0, len(people), CHUNK):
            part = people[start : start + CHUNK]
            values: dict[int, Json] = {person: now[person] for person in part if person in now}
            async with self._uows.system(tenant_id) as uow:
                held = await ComputedStore(uow).held(part, [attribute_key(key)])
            await self._write(tenant_id, work, differences(part, {key: values}, held))

    async def _write(self, tenant_id: TenantId, work: _Work, writes: Sequence[ComputedWrite]) -> None:
        by_key: dict[str, list[AttributeWrite]] = {}
        for one in writes:
            write = AttributeWrite(
                person_id=PersonId(one.person), key=attribute_key(one.key), value=one.value
            )
            by_key.setdefault(one.key, []).append(write)
        for key, values in by_key.items():
            for start in range(0, len(values), WRITES):
                async with self._uows.system(tenant_id) as uow:
                    await self._people.set_attributes(
                        uow,
                        values[start : start + WRITES],
                        source=SOURCE_PREFIX + key,
                        occurred_at=work.at.as_of,
                    )
            work.changed[key] = work.changed.get(key, 0) + len(values)

    async def _close(self, tenant_id: TenantId, work: _Work, done: Refreshed, told_upto: int) -> None:
        async with self._uows.system(tenant_id) as uow:
            queries = ComputedQueries(uow)
            recount = [key for key in work.rows if work.touched.people or key in work.changed]
            people = await ComputedStore(uow).coverage(recount) if recount else {}
            for key, row in work.rows.items():
                await queries.note_computed(
                    row,
                    as_of=work.at.as_of,
                    is_full=key in done.full or key in work.full,
                    people=people.get(key, row.people),
                    changed=work.changed.get(key, 0),
                    took_ms=done.took_ms,
                    error=done.failed.get(key),
                )
            if work.touched.is_settled:
                await queries.forget_touched(work.touched)
            if work.rows:
                await queries.advance(Progress(work.at.as_of, work.stored, told_upto))

    async def _purge(self, tenant_id: TenantId) -> None:
        """Remove the values of deleted attributes, some per transaction."""
        async with self._uows.system(tenant_id) as uow:
            deleted = await ComputedQueries(uow).list_deleted()
        for attribute_id, key in deleted:
            gone = WRITES
            while gone == WRITES:
                async with self._uows.system(tenant_id) as uow:
                    gone = await ComputedStore(uow).forget(key, limit=WRITES)
            async with self._uows.system(tenant_id) as uow:
                await ComputedQueries(uow).remove(attribute_id)


def differences(
    people: Sequence[int], values: dict[str, dict[int, Json]], held: dict[int, Held]
) -> list[ComputedWrite]:
    """Return what has to be written so that everybody's kept values are ``values``.

    A value kept only under a merged id is written again under the person itself.
    """
    writes: list[ComputedWrite] = []
    for key, by_person in values.items():
        attribute = attribute_key(key)
        for person in people:
            new, old = by_person.get(person), held[person].values.get(attribute)
            if type(new) is not type(old) or new != old or attribute in held[person].elsewhere:
                writes.append(ComputedWrite(person, key, new))
    return writes


def _is_old(row: Row, now: datetime) -> bool:
    return row.full_at is None or now - row.full_at >= FULL_EVERY


async def _newest_profile(gate: TenantWarehouse) -> int:
    rows = await gate.query("SELECT max(version) FROM profiles WHERE tenant_id = {tenant:UInt32}")
    return int(rows[0][0] or 0) if rows else 0
