"""Undos of imports: looking first, asking, stopping, resuming, and the work slice by slice."""

from datetime import timedelta
from typing import Any, Final

from quanyu.flows.imports.contracts import ImportStatus
from quanyu.flows.imports.errors import ImportNotFound
from quanyu.flows.imports.mapfile import parse_map
from quanyu.flows.imports.mapping import ImportKind
from quanyu.flows.imports.queries import ImportQueries
from quanyu.flows.imports.undo.contracts import (
    PREVIEW_PEOPLE_MAX,
    UNDO_DAYS,
    UndoAnswer,
    UndoCounts,
    UndoPhase,
    UndoPreview,
    UndoRefusal,
    UndoState,
    UndoView,
)
from quanyu.flows.imports.undo.errors import CannotUndoImport, UndoNotFound, UndoOver
from quanyu.flows.imports.undo.newcomers import Newcomers
from quanyu.flows.imports.undo.queries import UndoQueries, UndoRow, Written
from quanyu.flows.imports.undo.slices import UndoSlices
from quanyu.flows.rights.tombstones import REDACTED
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import QueryLimits, Warehouse
from quanyu.kernel.ids import TenantId, decode_id
from quanyu.modules.people.tags.noting import count_noted
from quanyu.modules.people.withdrawing import Telling, count_told

SLICE: Final = 500  # People of one transaction.
# Who hears what imports state and acts on it: tags and consent.
HEARERS: Final = ("react:imports.tags", "react:people.consent")
_REMOVED_AT_ONCE: Final = 20_000
_MUTATION: Final = QueryLimits(wait_s=600.0)
_OPEN: Final = (ImportStatus.QUEUED, ImportStatus.RUNNING)


class ImportUndos:
    """The use cases; ``run_once`` is called by a loop of each brand."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse, keyring: KeyRing) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._newcomers = Newcomers(uows, warehouse)
        self._slices = UndoSlices(keyring)

    # --- asking -------------------------------------------------------------------------------------------

    async def get(self, tenant_id: TenantId, import_id: str) -> UndoAnswer:
        """Return how far the undo of an import is, or whether one could be asked for.

        Raises:
            ImportNotFound: there is no such import.
        """
        number = decode_id("imp", import_id)
        async with self._uows.system(tenant_id) as uow:
            job = await _job(uow, number)
            row = await UndoQueries(uow).find(number)
            refusal = await _refusal(uow, job, row)
        return UndoAnswer(undo=None if row is None else _view(row), refusal=refusal)

    async def preview(self, tenant_id: TenantId, import_id: str) -> UndoPreview:
        """Count what taking an import back would do; writes nothing.

        Raises:
            ImportNotFound: there is no such import.
            WarehouseUnavailable: who has done something since cannot be told now.
        """
        number = decode_id("imp", import_id)
        async with self._uows.system(tenant_id) as uow:
            job = await _job(uow, number)
            refusal = await _refusal(uow, job, await UndoQueries(uow).find(number))
            if refusal is not None:
                return UndoPreview(refusal=refusal)
            written = _written(job)
            since = await UndoQueries(uow).first_people(written, PREVIEW_PEOPLE_MAX + 1)
        people = sorted(since)[:PREVIEW_PEOPLE_MAX]
        idle = await self._newcomers.among(tenant_id, written, people)
        left = [one for one in people if one not in idle]
        async with self._uows.system(tenant_id) as uow:
            told = Telling(
                source=written.source,
                first=written.first,
                last=written.last,
                since={one: since[one].since for one in left},
            )
            attributes, newer = await count_told(uow, told)
            tags = await count_noted(uow, number, left)
        return UndoPreview(
            refusal=None,
            people=len(people),
            is_whole=len(since) <= PREVIEW_PEOPLE_MAX,
            removed=len(idle),
            attributes=attributes,
            tags=tags,
            consents=sum(since[one].consents for one in left),
            kept_newer=newer,
        )

    async def start(self, tenant_id: TenantId, import_id: str, *, actor: str) -> UndoAnswer:
        """Take an import back in the background.

        Raises:
            ImportNotFound: there is no such import.
            CannotUndoImport: it cannot be taken back, or not now; the reason is named.
        """
        number = decode_id("imp", import_id)
        async with self._uows.system(tenant_id) as uow:
            job = await _job(uow, number, lock=True)
            refusal = await _refusal(uow, job, await UndoQueries(uow).find(number))
            if refusal is not None:
                raise CannotUndoImport(refusal)
            await UndoQueries(uow).add(_written(job), actor=actor)
        return await self.get(tenant_id, import_id)

    async def stop(self, tenant_id: TenantId, import_id: str) -> UndoAnswer:
        """Stop after the people it is at; what was taken back stays so.

        Raises:
            UndoNotFound, UndoOver
        """
        return await self._turn(tenant_id, import_id, UndoState.RUNNING, UndoState.STOPPED)

    async def resume(self, tenant_id: TenantId, import_id: str) -> UndoAnswer:
        """Go on where it was stopped.

        Raises:
            UndoNotFound, UndoOver
        """
        return await self._turn(tenant_id, import_id, UndoState.STOPPED, UndoState.RUNNING)

    async def _turn(self, tenant_id: TenantId, import_id: str, now: UndoState, then: UndoState) -> UndoAnswer:
        number = decode_id("imp", import_id)
        async with self._uows.system(tenant_id) as uow:
            row = await UndoQueries(uow).find(number, lock=True)
            if row is None:
                raise UndoNotFound("nobody asked to take this import back", message_zh="该导入没有撤销任务")
            if row.state != now:
                raise UndoOver(
                    f"the undo is {row.state}: it cannot become {then.value}",
                    message_zh="撤销任务当前状态不允许此操作",
                )
            await UndoQueries(uow).change(number, state=then.value)
        return await self.get(tenant_id, import_id)

    # --- working ------------------------------------------------------------------------------------------

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do the next piece of the oldest undo; return 0 when nothing waits or something else must end first.

        Each piece commits with how far it came: whatever is cut short is done once.
        """
        async with self._uows.system(tenant_id) as uow:
            row = await UndoQueries(uow).claim()
            if row is None:
                return 0
            written = _written(await _job(uow, row.import_id))
            if row.phase == UndoPhase.GATHERING:
                return await _gather(uow, row, written)
            if row.phase == UndoPhase.LOG:
                return await _empty_log(uow, row, written)
        if row.phase == UndoPhase.PEOPLE:
            return await self._some_people(tenant_id, row.import_id, written)
        return await self._withdraw_history(tenant_id, row, written)

    async def _some_people(self, tenant_id: TenantId, import_id: int, written: Written) -> int:
        async with self._uows.system(tenant_id) as uow:
            people = await UndoQueries(uow).next_people(import_id, SLICE)
        # History is asked before the transaction opens.
        idle = await self._newcomers.among(tenant_id, written, people) if people else set()
        async with self._uows.system(tenant_id) as uow:
            queries = UndoQueries(uow)
            row = await queries.claim()
            if row is None or row.import_id != import_id or row.phase != UndoPhase.PEOPLE:
                return 0
            people = await queries.next_people(import_id, len(people)) if people else []
            if not people:
                await queries.change(
                    import_id,
                    phase=UndoPhase.LOG.value,
                    batch_id=(await queries.first_batch(written) or 1) - 1,
                    batch_to=await queries.newest_batch(),
                )
                return 1
            counts = await self._slices.take_back(uow, row, written, people, idle & set(people))
            total = UndoCounts(**row.counts) + counts
            await queries.count(import_id, total.model_dump(), done=len(people))
            return len(people)

    async def _withdraw_history(self, tenant_id: TenantId, row: UndoRow, written: Written) -> int:
        """Take the events out of the warehouse. Doing it again finds nothing."""
        async with self._uows.system(tenant_id) as uow:
            if await UndoQueries(uow).has_open_batch(row.batch_to):
                return 0  # A batch read before it was emptied may still be on its way there.
        gate = self._warehouse.for_tenant(tenant_id)
        span = {"source": written.source, "first": written.first, "last": written.last}
        its = "source = {source:String} AND position BETWEEN {first:UInt64} AND {last:UInt64}"
        await gate.command(
            f"ALTER TABLE events DELETE WHERE tenant_id = {{tenant:UInt32}} AND {its} "
            "SETTINGS mutations_sync = 2",
            span,
            limits=_MUTATION,
        )
        after = 0
        while True:
            async with self._uows.system(tenant_id) as uow:
                gone = await UndoQueries(uow).removed_after(row.import_id, after, _REMOVED_AT_ONCE)
            if not gone:
                break
            for table in ("events", "profiles", "segment_membership", "company_contact"):
                await gate.command(
                    f"ALTER TABLE {table} DELETE WHERE tenant_id = {{tenant:UInt32}} "
                    "AND person IN {people:Array(UInt32)} SETTINGS mutations_sync = 2",
                    {"people": gone},
                    limits=_MUTATION,
                )
            after = gone[-1]
        async with self._uows.system(tenant_id) as uow:
            queries = UndoQueries(uow)
            job = await _job(uow, row.import_id)
            total = UndoCounts(**{**row.counts, "events": job.events_written})
            await queries.count(row.import_id, total.model_dump())
            await queries.change(
                row.import_id,
                state=UndoState.DONE.value,
                phase=UndoPhase.DONE.value,
                finished_at=uow.clock.now(),
            )
            await queries.forget_work(row.import_id)
        return 1


async def _gather(uow: UnitOfWork, row: UndoRow, written: Written) -> int:
    queries = UndoQueries(uow)
    batch = await queries.next_batch(row.batch_id, row.batch_to)
    if batch is not None:
        await queries.gather(written, batch)
        await queries.change(row.import_id, batch_id=batch)
        return 1
    people = await queries.how_many(row.import_id)
    await queries.change(row.import_id, phase=UndoPhase.PEOPLE.value, people=people)
    return 1


async def _empty_log(uow: UnitOfWork, row: UndoRow, written: Written) -> int:
    queries = UndoQueries(uow)
    batch = await queries.next_batch(row.batch_id, row.batch_to)
    if batch is not None:
        await queries.empty_batch(written, batch, REDACTED)
        await queries.change(row.import_id, batch_id=batch)
        return 1
    await queries.change(row.import_id, phase=UndoPhase.HISTORY.value)
    return 1


async def _job(uow: UnitOfWork, import_id: int, *, lock: bool = False) -> Any:
    job = await ImportQueries(uow).find(import_id, lock=lock)
    if job is None:
        raise ImportNotFound("there is no such import", message_zh="没有这次导入")
    return job


def _written(job: Any) -> Written:
    return Written(
        import_id=job.id,
        source=f"import:{parse_map(job.map_text, file=job.map_name).source}",
        started_at=job.started_at or job.created_at,
        first_xid=job.first_xid,
        last_xid=job.last_xid,
        first=job.first_position,
        last=job.last_position,
    )


async def _refusal(uow: UnitOfWork, job: Any, row: UndoRow | None) -> UndoRefusal | None:
    """Say why an import cannot be taken back, cheapest reasons first."""
    if row is not None:
        return UndoRefusal.UNDONE
    if job.kind != ImportKind.PEOPLE:
        return UndoRefusal.NOT_PEOPLE
    if job.dry_run:
        return UndoRefusal.DRY_RUN
    if job.status in _OPEN:
        return UndoRefusal.RUNNING
    if job.first_position is None:
        return UndoRefusal.WROTE_NOTHING
    written, queries = _written(job), UndoQueries(uow)
    is_recent = job.finished_at > uow.clock.now() - timedelta(days=UNDO_DAYS)
    if not is_recent or not await queries.is_in_log(written):
        return UndoRefusal.TOO_OLD
    place = await queries.last_place(written)
    if place is None:
        return UndoRefusal.NOT_STORED
    heard = await queries.places(HEARERS)
    if len(heard) < len(HEARERS) or min(heard) < place:
        return UndoRefusal.NOT_STORED
    return None


def _view(row: UndoRow) -> UndoView:
    return UndoView(
        state=UndoState(row.state),
        phase=UndoPhase(row.phase),
        people=row.people,
        done=row.done,
        counts=UndoCounts(**row.counts),
        actor=row.actor,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
