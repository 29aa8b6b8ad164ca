"""Keeps what people are asked of companies: stored members of their segments, the copy of contacts."""

import time
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.errors import AppError, Unavailable
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.people.companies.service import Companies
from quanyu.modules.segments.accounts import reading, rules
from quanyu.modules.segments.accounts.copying import ContactCopy
from quanyu.modules.segments.accounts.queries import AccountSegmentQueries, KeptSegment
from quanyu.modules.segments.accounts.rules import World
from quanyu.modules.segments.accounts.tree import parse_account_definition
from quanyu.modules.segments.conditions.company import ACCOUNT_SEGMENT_PREFIX
from quanyu.modules.segments.scans import Evaluation

_log = get_logger("segments.accounts")

ASKED_EVERY: Final = timedelta(seconds=60)
OTHERS_EVERY: Final = timedelta(minutes=10)
# Of real time: never more often than each two seconds, nor for more than a twentieth of it.
LOOK_EVERY_S: Final = 2.0
PAUSES: Final = 19.0
PAUSE_FAILED_S: Final = 60.0


class AccountKeeper:
    """Evaluates segments of companies, and copies contacts to the warehouse when anything of them changed."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._next_s: dict[TenantId, float] = {}
        self._failed_s: dict[tuple[TenantId, int], float] = {}
        self._copied: dict[TenantId, str] = {}  # The mark of what the warehouse has from this process.

    async def keep(self, tenant_id: TenantId, at: Evaluation, *, asked: Collection[int]) -> None:
        """Bring everything up to date if it is time; ``asked`` segments of companies are evaluated oftener.

        Raises:
            WarehouseUnavailable: it goes on with the next call.
        """
        started_s = time.monotonic()
        if started_s < self._next_s.get(tenant_id, 0.0):
            return
        try:
            await self.bring(tenant_id, at, asked=asked)
        except Unavailable:
            raise
        except Exception:  # Segments of people go on with what is stored.
            _log.error("segments.accounts_not_kept", tenant=tenant_id, exc_info=True)
        finally:
            ended_s = time.monotonic()
            self._next_s[tenant_id] = ended_s + max(LOOK_EVERY_S, (ended_s - started_s) * PAUSES)

    async def bring(self, tenant_id: TenantId, at: Evaluation, *, asked: Collection[int]) -> None:
        """Evaluate what is due, then copy contacts if they or their companies changed. Idempotent."""
        async with self._uows.system(tenant_id) as uow:
            kept = await AccountSegmentQueries(uow).list()
            due = [one for one in kept if self._is_due(tenant_id, one, at, is_asked=one.id in asked)]
            world = await reading.read_accounts(uow) if due else None
        for segment in due:
            assert world is not None
            await self._evaluate(tenant_id, segment, world, at)
        await self._copy(tenant_id)

    def _is_due(self, tenant_id: TenantId, segment: KeptSegment, at: Evaluation, *, is_asked: bool) -> bool:
        failed_s = self._failed_s.get((tenant_id, segment.id))
        if failed_s is not None and time.monotonic() - failed_s < PAUSE_FAILED_S:
            return False
        age = None if segment.as_of is None else at.as_of - segment.as_of
        return age is None or age >= (ASKED_EVERY if is_asked else OTHERS_EVERY)

    async def _evaluate(
        self, tenant_id: TenantId, segment: KeptSegment, world: World, at: Evaluation
    ) -> None:
        key = (tenant_id, segment.id)
        try:
            definition = parse_account_definition(segment.definition)
            answered = await reading.ask_people(self._warehouse.for_tenant(tenant_id), definition, world, at)
        except Unavailable:
            raise  # Nothing is wrong with the segment.
        except AppError as error:
            self._failed_s[key] = time.monotonic()
            shown = encode_id(ACCOUNT_SEGMENT_PREFIX, segment.id)
            _log.warning("segments.accounts_failed", segment=shown, code=error.code)
            return
        self._failed_s.pop(key, None)
        companies = rules.members(definition, answered)
        async with self._uows.system(tenant_id) as uow:
            queries = AccountSegmentQueries(uow)
            now = await queries.lock(segment.id)
            if now is not None and now.definition == segment.definition:  # Else it is due again.
                await queries.store(segment.id, companies, at.as_of)

    async def _copy(self, tenant_id: TenantId) -> None:
        async with self._uows.system(tenant_id) as uow:
            mark = await _mark(uow)
            if mark == self._copied.get(tenant_id):
                return
            accounts = await Companies.accounts(uow)
            segments = await AccountSegmentQueries(uow).segments_of_companies()
        await ContactCopy(self._warehouse, tenant_id).bring(accounts, segments)
        self._copied[tenant_id] = mark


async def _mark(uow: UnitOfWork) -> str:
    # Read before what it stands for: what changes in between is copied, and looked at once more.
    return f"{await Companies.accounts_mark(uow)} {await AccountSegmentQueries(uow).mark()}"
