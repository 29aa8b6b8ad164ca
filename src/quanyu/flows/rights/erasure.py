"""Erasing somebody from every store, one step after the other, each of which can be cut short and done again.

First the person: identifiers and what held them together go in one transaction with the tombstones, so from
then on nothing new attaches to them. Then table by table, the log by batches, the warehouse, the archive.
What was done is written down in the same transaction, with counts; a process that dies goes on where it
stood.
"""

# ruff: noqa: S608 - statements are made of the names in holdings and of constants.

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from quanyu.flows.intake import Intake
from quanyu.flows.rights import register, short_lived, tables
from quanyu.flows.rights.files import Sought, cut_imports
from quanyu.flows.rights.register import Request
from quanyu.flows.rights.remembered import ErasureEntry, ErasureRegister
from quanyu.flows.rights.short_lived import open_sought, seal_sought
from quanyu.flows.rights.tables import Whom
from quanyu.flows.rights.tombstones import REDACTED, bury
from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.infra.warehouse import QueryLimits, Warehouse, WarehouseUnavailable
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.archive.redaction import ArchiveBusy, ArchiveRedaction
from quanyu.modules.people.erasing import Forgotten, forget, who_bears, who_is
from quanyu.modules.people.sealing import token_of

_log = get_logger("rights.erasure")
_FAILED: Final = "rights.erasure_failed"
_BATCHES: Final = 50  # Of the log, in one transaction of at most five seconds.
_ASIDE: Final = 200
WAITS: Final = "waits"  # For batches on their way to the warehouse, or for the archiver.
_MUTATION: Final = QueryLimits(wait_s=600.0)
WAREHOUSE_TABLES: Final = ("events", "profiles", "segment_membership", "company_contact")
# The rest of a redacted event in history: for whoever adds up money, and nobody's.
_MONEY: Final = (
    "tenant_id, name, occurred_at, received_at, applied_at, kind, source, position, batch_id, order_id, "
    "revenue, currency, quantity, `items.product_id`, `items.sku`, `items.name`, `items.category`, "
    "`items.brand`, `items.variant`, `items.coupon`, `items.price`, `items.quantity`, `items.occurred_at`"
)


class NotYet(Exception):
    """Something else must end first; the step is tried again later."""


class Erasure:
    """Does what confirmed requests ask; ``run`` is a loop of one brand."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        archive: ArchiveRedaction,
        intake: Intake,
        keyring: KeyRing,
        remembered: ErasureRegister,
        imports: Path,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._archive = archive
        self._intake = intake
        self._keyring = keyring
        self._remembered = remembered
        self._imports = imports

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed=_FAILED)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Go on with the next erasure as far as it goes; return 1 when it is done, else 0."""
        async with self._uows.system(tenant_id) as uow:
            request = await register.claim(uow)
        return 0 if request is None else await self._go_on(tenant_id, request, alone=False)

    async def run_alone(self, tenant_id: TenantId, request_id: int) -> None:
        """Do one erasure while nothing else runs, so that nothing is on its way anywhere.

        Where the warehouse or the archive cannot be had, that much is left to the worker.
        """
        async with self._uows.system(tenant_id) as uow:
            request = await register.claim(uow, request_id)
        if request is None:
            return
        try:
            await self._go_on(tenant_id, request, alone=True)
        except (WarehouseUnavailable, OSError, AppError) as error:
            async with self._uows.system(tenant_id) as uow:
                begun = await register.get(uow, request_id)
            if "log_upto" not in begun.steps:  # PostgreSQL itself still holds them.
                raise
            _log.warning("rights.again_left_to_worker", request=request_id, reason=type(error).__name__)

    async def _go_on(self, tenant_id: TenantId, request: Request, *, alone: bool) -> int:
        steps = dict(request.steps)
        try:
            await self._all_steps(tenant_id, request, steps, alone=alone)
        except (NotYet, ArchiveBusy) as reason:
            _log.info("rights.erasure_waits", request=request.id, reason=type(reason).__name__)
            await self._note_trouble(tenant_id, request, WAITS)
            return 0
        except Exception as error:
            await self._note_trouble(tenant_id, request, type(error).__name__)
            raise
        return 1

    async def _note_trouble(self, tenant_id: TenantId, request: Request, trouble: str) -> None:
        async with self._uows.system(tenant_id) as uow:
            await register.note_trouble(uow, request.id, trouble)

    async def _all_steps(
        self, tenant_id: TenantId, request: Request, steps: dict[str, Any], *, alone: bool
    ) -> None:
        if "person" not in steps:
            await self._forget_person(tenant_id, request, steps)
        async with self._uows.system(tenant_id) as uow:
            found = await register.get(uow, request.id)
        whom = Whom(found.people, found.tokens)
        for holding in tables.CLEARED:
            if holding.name not in steps:
                async with self._uows.system(tenant_id) as uow:
                    steps[holding.name] = await tables.clear(uow, holding, whom)
                    await register.keep_steps(uow, request.id, steps)
        await self._clear_aside(tenant_id, request, steps, whom)
        if "files" not in steps:
            await self._cut_files(tenant_id, request, steps, alone=alone)
        await self._redact_log(tenant_id, request, steps, whom)
        if "warehouse" not in steps:
            if not alone:
                await self._require_arrived(tenant_id, steps)
            steps["warehouse"] = await self._clear_history(tenant_id, whom)
            await self._keep(tenant_id, request, steps)
        if "archive" not in steps:
            steps["archive"] = await self._archive.redact(tenant_id, whom.people)
            await self._keep(tenant_id, request, steps)
        await self._finish(tenant_id, request, steps)

    async def _forget_person(self, tenant_id: TenantId, request: Request, steps: dict[str, Any]) -> None:
        async with self._uows.system(tenant_id) as uow:
            steps["sought"] = await self._values_of(uow, request)
            if "again" in steps:
                gone, at = await _forget_again(uow, request, steps)
            else:
                at = uow.clock.now()
                gone = await forget(uow, PersonId(request.person_id)) or _nobody(request.person_id)
                # Before the commit: an erasure the register does not know would be undone by a restore.
                await asyncio.to_thread(self._remembered.append, _entry(tenant_id, request, gone, at))
            await bury(uow, gone.people, gone.tokens, at)
            await register.change(uow, request.id, {"people": list(gone.people), "tokens": list(gone.tokens)})
            steps["person"] = {
                "ids": len(gone.people),
                "identifiers": len(gone.tokens),
                "edges": gone.edges,
            }
            await register.keep_steps(uow, request.id, steps)

    async def _values_of(self, uow: UnitOfWork, request: Request) -> str:
        """Return their identifiers, sealed, to find rows in files by; gone when the erasure is done."""
        bearers = [PersonId(request.person_id)] if "again" not in request.steps else []
        if request.tokens:
            bearers += await who_bears(uow, request.tokens, ())
        who = [await who_is(uow, one) for one in bearers]
        tokens = {token for one in who if one is not None for token in one.tokens}
        return await seal_sought(uow, self._keyring, sorted(tokens))

    async def _clear_aside(
        self, tenant_id: TenantId, request: Request, steps: dict[str, Any], whom: Whom
    ) -> None:
        """Delete events kept beside the log that carry one of the identifiers; each is opened to see."""
        while not steps.get("quarantine_done"):
            async with self._uows.system(tenant_id) as uow:
                rows = (
                    await uow.execute(
                        "SELECT id, sealed FROM event_quarantine WHERE tenant_id = :tenant AND id > :after "
                        "ORDER BY id LIMIT :limit",
                        {"tenant": tenant_id, "after": steps.get("quarantine_at", 0), "limit": _ASIDE},
                    )
                ).all()
                theirs = [row.id for row in rows if self._is_about(bytes(row.sealed), whom)]
                await uow.execute(
                    "DELETE FROM event_quarantine WHERE tenant_id = :tenant "
                    "AND id = ANY(CAST(:ids AS bigint[]))",
                    {"tenant": tenant_id, "ids": theirs},
                )
                steps["quarantine"] = steps.get("quarantine", 0) + len(theirs)
                steps["quarantine_at"] = rows[-1].id if rows else steps.get("quarantine_at", 0)
                steps["quarantine_done"] = len(rows) < _ASIDE
                await register.keep_steps(uow, request.id, steps)

    def _is_about(self, sealed: bytes, whom: Whom) -> bool:
        event = self._intake.open_aside(sealed)
        return any(token_of(self._keyring, one) in whom.tokens for one in event.identifiers)

    async def _redact_log(
        self, tenant_id: TenantId, request: Request, steps: dict[str, Any], whom: Whom
    ) -> None:
        if "log_upto" not in steps:
            async with self._uows.system(tenant_id) as uow:
                rows = await uow.execute(
                    "SELECT coalesce(max(batch_id), 0) FROM log_batch WHERE tenant_id = :tenant",
                    {"tenant": tenant_id},
                )
                steps |= {"log_upto": int(rows.scalar_one()), "log_at": 0, "log": 0}
                await register.keep_steps(uow, request.id, steps)
        while steps["log_at"] < steps["log_upto"]:
            async with self._uows.system(tenant_id) as uow:
                steps["log"] += await _redact_batches(uow, steps["log_at"], whom.people)
                steps["log_at"] += _BATCHES
                await register.keep_steps(uow, request.id, steps)

    async def _cut_files(
        self, tenant_id: TenantId, request: Request, steps: dict[str, Any], *, alone: bool
    ) -> None:
        """Take their rows out of what imports left, and note what goes by itself before long."""
        async with self._uows.system(tenant_id) as uow:
            under_way, done = await short_lived.imports(uow)
            if under_way and not alone:
                raise NotYet  # It writes such files now.
            steps["for_a_while"] = await short_lived.remaining(uow)
        sought = Sought(open_sought(self._keyring, steps["sought"]) if "sought" in steps else ())
        steps["files"] = await asyncio.to_thread(cut_imports, self._imports, [*under_way, *done], sought)
        await self._keep(tenant_id, request, steps)

    async def _require_arrived(self, tenant_id: TenantId, steps: dict[str, Any]) -> None:
        """Wait for batches read before the log was redacted: they may still be on their way."""
        async with self._uows.system(tenant_id) as uow:
            rows = await uow.execute(
                "SELECT EXISTS (SELECT FROM log_batch WHERE tenant_id = :tenant AND batch_id <= :upto "
                "AND state <> 'stored')",
                {"tenant": tenant_id, "upto": steps["log_upto"]},
            )
            if rows.scalar_one():
                raise NotYet

    async def _clear_history(self, tenant_id: TenantId, whom: Whom) -> dict[str, int]:
        """Delete what the warehouse holds. Amounts of orders stay, as nobody's, as they do in the log."""
        gate = self._warehouse.for_tenant(tenant_id)
        people = {"people": list(whom.people)}
        theirs = "tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)}"
        # Had we died between inserting and deleting, these would be there already.
        await gate.command(
            "ALTER TABLE events DELETE WHERE tenant_id = {tenant:UInt32} AND person = 0 "
            f"AND message_id = 'erased' AND position IN (SELECT position FROM events WHERE {theirs}) "
            "SETTINGS mutations_sync = 2",
            people,
            limits=_MUTATION,
        )
        await gate.command(
            f"INSERT INTO events (person, message_id, {_MONEY}) SELECT 0, 'erased', {_MONEY} FROM events "
            f"WHERE {theirs} AND (order_id != '' OR revenue IS NOT NULL)",
            people,
            limits=_MUTATION,
        )
        counts = {}
        for table in WAREHOUSE_TABLES:
            (found,) = await gate.query(f"SELECT count() FROM {table} WHERE {theirs}", people)
            counts[table] = int(found[0])
            await gate.command(
                f"ALTER TABLE {table} DELETE WHERE {theirs} SETTINGS mutations_sync = 2",
                people,
                limits=_MUTATION,
            )
        return counts

    async def _keep(self, tenant_id: TenantId, request: Request, steps: dict[str, Any]) -> None:
        async with self._uows.system(tenant_id) as uow:
            await register.keep_steps(uow, request.id, steps)

    async def _finish(self, tenant_id: TenantId, request: Request, steps: dict[str, Any]) -> None:
        async with self._uows.system(tenant_id) as uow:
            await register.change(
                uow,
                request.id,
                {
                    "state": "done", "closed_at": uow.clock.now(), "leased_until": None, "tokens": [],
                    "note": "",
                },
            )  # fmt: skip
            steps.pop("sought", None)
            await register.keep_steps(uow, request.id, steps, leased=False)
        _log.info("rights.erased", request=request.id)


async def _forget_again(
    uow: UnitOfWork, request: Request, steps: dict[str, Any]
) -> tuple[Forgotten, datetime]:
    """Forget whom a restore brought back: whoever bears one of the tokens, with all they have."""
    again = steps["again"]
    people = [(int(number), datetime.fromisoformat(made)) for number, made in again.pop("people", [])]
    found = [
        gone
        for one in await who_bears(uow, request.tokens, people)
        if (gone := await forget(uow, one)) is not None
    ]
    tokens = {*request.tokens, *(token for gone in found for token in gone.tokens)}
    steps["again"] = again | {"found": len(found), "identifiers_besides": len(tokens) - len(request.tokens)}
    ids = sorted({number for gone in found for number in gone.people})
    edges = sum(gone.edges for gone in found)
    return Forgotten(tuple(ids), tuple(sorted(tokens)), edges), datetime.fromisoformat(again["erased_at"])


def _nobody(person_id: int) -> Forgotten:
    return Forgotten((person_id,), (), 0)


def _entry(tenant_id: TenantId, request: Request, gone: Forgotten, at: datetime) -> ErasureEntry:
    return ErasureEntry(
        tenant_id=tenant_id,
        request_id=request.id,
        person_id=request.person_id,
        people=tuple(zip(gone.people, gone.made_at, strict=False)),
        tokens=gone.tokens,
        erased_at=at,
        received_at=request.received_at,
        due_on=request.due_on,
    )


async def _redact_batches(uow: UnitOfWork, after: int, people: Any) -> int:
    """Empty the events of ``people`` in a run of batches, and let the batches name nobody for them."""
    values = {
        "tenant": uow.tenant_id,
        "after": after,
        "upto": after + _BATCHES,
        "people": list(people),
    }
    redacted = await uow.execute(
        f"""
        UPDATE log_event l SET {REDACTED}
        FROM (
            SELECT b.from_xid, b.to_xid, b.received_from, b.received_to, p.position
            FROM log_batch b CROSS JOIN unnest(b.positions, b.person_ids) AS p (position, person_id)
            WHERE b.tenant_id = :tenant AND b.batch_id > :after AND b.batch_id <= :upto
                AND b.person_ids && CAST(:people AS int[]) AND p.person_id = ANY(CAST(:people AS int[]))
        ) t
        WHERE l.tenant_id = :tenant AND l.position = t.position AND l.xid BETWEEN t.from_xid AND t.to_xid
            AND l.received_at BETWEEN t.received_from AND t.received_to
        """,
        values,
    )
    await uow.execute(
        """
        UPDATE log_batch b SET person_ids = (
            SELECT array_agg(
                CASE WHEN p.id = ANY(CAST(:people AS int[])) THEN NULL ELSE p.id END ORDER BY p.at
            )
            FROM unnest(b.person_ids) WITH ORDINALITY AS p (id, at)
        )
        WHERE b.tenant_id = :tenant AND b.batch_id > :after AND b.batch_id <= :upto
            AND b.person_ids && CAST(:people AS int[])
        """,
        values,
    )
    return redacted.rowcount
