"""Erasing again after a restore, before the doors open: what the register knows and the databases do not."""

import asyncio
from collections.abc import Sequence
from typing import Final

from quanyu.flows.rights import register
from quanyu.flows.rights.contracts import RightsKind, RightsState
from quanyu.flows.rights.erasure import Erasure
from quanyu.flows.rights.remembered import ErasureEntry, ErasureRegister
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId

_log = get_logger("rights.again")
HOW: Final = "恢复备份后按删除登记重新执行 · Done again after a restore, from the register of erasures"
_BEGUN: Final = ("running", "done")


class ErasuresAgain:
    """Compares the register of erasures with the databases while nothing else runs."""

    def __init__(self, uows: UnitOfWorkFactory, erasure: Erasure, remembered: ErasureRegister) -> None:
        self._uows = uows
        self._erasure = erasure
        self._remembered = remembered

    async def catch_up(self, brands: Sequence[TenantId]) -> int:
        """Enter again and do what the databases lost, note what the register lacks; return how many.

        Call it before doors and workers: it counts on nothing being under way. Idempotent; what was cut
        short is gone on with at the next start. The people are forgotten when it returns; where the
        warehouse cannot be reached, the worker does the rest.
        """
        entries = await asyncio.to_thread(self._remembered.entries)
        lost = 0
        for tenant_id in brands:
            mine = [one for one in entries if one.tenant_id == tenant_id]
            async with self._uows.system(tenant_id) as uow:
                entered = await _enter_lost(uow, mine)
                unknown = await _not_on_record(uow, {one.request_id for one in mine})
            for entry in unknown:
                await asyncio.to_thread(self._remembered.append, entry)
            if entered:
                _log.info("rights.erasing_again", tenant=tenant_id, erasures=entered)
            await self._do(tenant_id)
            lost += entered
        return lost

    async def _do(self, tenant_id: TenantId) -> None:
        """Do what was entered again, now or at an earlier start that was cut short."""
        async with self._uows.system(tenant_id) as uow:
            waiting = await uow.execute(
                "SELECT id FROM rights_request WHERE tenant_id = :tenant AND kind = 'erasure' "
                "AND state IN ('confirmed', 'running') AND steps ? 'again' ORDER BY id",
                {"tenant": tenant_id},
            )
            numbers = [int(row.id) for row in waiting]
        for number in numbers:
            await self._erasure.run_alone(tenant_id, number)


async def _enter_lost(uow: UnitOfWork, entries: Sequence[ErasureEntry]) -> int:
    """Enter the erasures this database knows nothing of, to be begun now."""
    rows = await uow.execute(
        "SELECT id, state, steps ? 'person' AS begun FROM rights_request "
        "WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS bigint[]))",
        {"tenant": uow.tenant_id, "ids": [one.request_id for one in entries]},
    )
    known = {int(row.id): row.begun or row.state in _BEGUN for row in rows}
    lost = [one for one in entries if not known.get(one.request_id, False)]
    for entry in lost:
        if entry.request_id not in known:
            await _add(uow, entry)
        await register.change(
            uow,
            entry.request_id,
            {
                "state": str(RightsState.CONFIRMED),
                "starts_at": uow.clock.now(),
                "closed_at": None,
                "tokens": list(entry.tokens),
            },
        )
        await register.keep_steps(uow, entry.request_id, {"again": _again(entry)}, leased=False)
    return len(lost)


def _again(entry: ErasureEntry) -> dict[str, object]:
    people = [[number, made.isoformat()] for number, made in entry.people]
    return {"erased_at": entry.erased_at.isoformat(), "people": people}


async def _add(uow: UnitOfWork, entry: ErasureEntry) -> None:
    values = {
        "id": entry.request_id,
        "person_id": entry.person_id,
        "kind": str(RightsKind.ERASURE),
        "state": str(RightsState.CONFIRMED),
        "verified_how": HOW,
        "opened_by": 0,
        "opened_by_name": "",
        "received_at": entry.received_at,
        "due_on": entry.due_on,
    }
    await register.add(uow, values)


async def _not_on_record(uow: UnitOfWork, known: set[int]) -> list[ErasureEntry]:
    """Return erasures that were done but are not in the register: those of earlier releases."""
    rows = await uow.execute(
        """
        SELECT r.id, r.person_id, r.people, r.received_at, r.due_on, e.erased_at,
            coalesce((
                SELECT array_agg(t.token ORDER BY t.token) FROM erased_token t
                WHERE t.tenant_id = :tenant AND t.erased_at = e.erased_at
            ), '{}') AS tokens
        FROM rights_request r
        JOIN erased_person e ON e.tenant_id = r.tenant_id AND e.person_id = r.people[1]
        WHERE r.tenant_id = :tenant AND r.kind = 'erasure' AND r.state IN ('running', 'done')
            AND r.steps ? 'person' AND NOT r.id = ANY(CAST(:known AS bigint[]))
        """,
        {"tenant": uow.tenant_id, "known": sorted(known)},
    )
    return [
        ErasureEntry(
            tenant_id=uow.tenant_id,
            request_id=row.id,
            person_id=row.person_id,
            people=(),  # When each was made is not known any more; the tokens find them.
            tokens=tuple(bytes(token) for token in row.tokens),
            erased_at=row.erased_at,
            received_at=row.received_at,
            due_on=row.due_on,
        )
        for row in rows
    ]
