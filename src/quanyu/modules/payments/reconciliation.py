"""The daily comparison of the platform's bills with our ledger.

A bill is fetched after ten in the morning of the next day in China, read in pieces, and compared in one
transaction. Whatever breaks off is begun again: the lines of a bill are replaced, differences are one for
each number.
"""

import asyncio
import tempfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from itertools import islice
from typing import IO, Final

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError, NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments.bill_lines import Sums, line_of
from quanyu.modules.payments.clients import PayClients
from quanyu.modules.payments.contracts import BillKind, BillState
from quanyu.modules.payments.merchants import MerchantQueries
from quanyu.modules.payments.queries.bills import BillKey, BillQueries, FoundDifference
from quanyu.wechat.pay import bills
from quanyu.wechat.pay.bill_files import read_fund_flow_bill, read_trade_bill
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.errors import PayRefusal

_log = get_logger("payments.reconciliation")
_COMPARED: Final = Counter("quanyu_payment_bills_total", "Bills compared, by outcome", ["outcome"])
CHINA: Final = timezone(timedelta(hours=8))
READY: Final = time(10, 5)  # From ten on the platform has yesterday's bill.
KEPT_DAYS: Final = 85  # The platform keeps bills for three months.
_CLAIM: Final = timedelta(minutes=20)
_SOON: Final = timedelta(minutes=10)
_LATER: Final = timedelta(hours=1)
_LOOKS_MAX: Final = 60
_BATCH: Final = 1_000
_MEMORY_BYTES: Final = 8 * 1024 * 1024
NO_BILL: Final = "no_bill"


class Reconciliation:
    """Fetches bills and compares them."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: PayClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._planned: dict[TenantId, date] = {}  # The last day whose bills are known to be due.

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="payments.reconciliation_failed")

    async def run_once(self, tenant_id: TenantId, *, limit: int = 4) -> int:
        """Fetch and compare bills that are due; return how many were taken."""
        await self._plan(tenant_id)
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            due = await BillQueries(uow).claim_due(now=now, until=until, limit=limit)
        for key, looks in due:
            await self._take(tenant_id, key, looks)
        return len(due)

    async def _plan(self, tenant_id: TenantId) -> None:
        """Have every new day's bills fetched; a merchant connected today has its first bill tomorrow."""
        last = last_ready_day(self._uows.clock.now())
        if self._planned.get(tenant_id) == last:
            return
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            for merchant in await MerchantQueries(uow, self._keyring).list_all():
                first = max(merchant.created_at.astimezone(CHINA).date(), last - timedelta(days=KEPT_DAYS))
                await BillQueries(uow).add_days(merchant.merchant_id, first=first, last=last, now=now)
        self._planned[tenant_id] = last

    async def _take(self, tenant_id: TenantId, key: BillKey, looks: int) -> None:
        try:
            client, _ = await self._clients.client(tenant_id, key.merchant_id)
            found = await self._read(tenant_id, client, key)
            note = ""
        except PayRefusal as error:
            if error.pay_code != "NO_STATEMENT_EXIST":
                await self._postpone(tenant_id, key, looks, error)
                return
            found, note = (), NO_BILL
            async with self._uows.system(tenant_id) as uow:
                await BillQueries(uow).clear_lines(key)
        except NotFound:
            return
        except AppError as error:
            await self._postpone(tenant_id, key, looks, error)
            return
        await self._compare(tenant_id, key, found, note)

    async def _read(
        self, tenant_id: TenantId, client: PayClient, key: BillKey
    ) -> tuple[FoundDifference, ...]:
        """Fetch a bill, keep its lines, and return where its own totals are wrong."""
        if key.kind is BillKind.TRADE:
            said = await client.call(
                bills.TRADE, bills.TradeBillRequest(bill_date=key.day.isoformat(), tar_type="GZIP")
            )
        else:
            said = await client.call(
                bills.FUND_FLOW, bills.FundFlowBillRequest(bill_date=key.day.isoformat(), tar_type="GZIP")
            )
        with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as file:
            await bills.download_bill(client, said, file, compressed=True)
            file.seek(0)
            return await self._keep_lines(tenant_id, key, file)

    async def _keep_lines(
        self, tenant_id: TenantId, key: BillKey, file: IO[bytes]
    ) -> tuple[FoundDifference, ...]:
        async with self._uows.system(tenant_id) as uow:
            await BillQueries(uow).clear_lines(key)
        sums = Sums(key.kind)
        found: list[FoundDifference] = []
        read = read_trade_bill(file) if key.kind is BillKind.TRADE else read_fund_flow_bill(file)
        while batch := list(islice(read, _BATCH)):
            details = []
            for line in batch:
                if line.is_total:
                    found += sums.differences(line)
                else:
                    sums.add(line)
                    details.append(line_of(key.kind, line))
            async with self._uows.system(tenant_id) as uow:
                await BillQueries(uow).add_lines(key, details)
        return tuple(found)

    async def _compare(
        self, tenant_id: TenantId, key: BillKey, found: Iterable[FoundDifference], note: str
    ) -> None:
        start = datetime.combine(key.day, time(), CHINA)
        async with self._uows.system(tenant_id) as uow:
            queries = BillQueries(uow)
            compared = await queries.compare(key, start=start, end=start + timedelta(days=1))
            await queries.forget_explained(key)
            await queries.keep_differences(key, [*found, *compared])
            await queries.done(key, note=note)
        _COMPARED.labels("differs" if compared else "agrees").inc()

    async def _postpone(self, tenant_id: TenantId, key: BillKey, looks: int, error: AppError) -> None:
        _COMPARED.labels("postponed").inc()
        note = error.pay_code if isinstance(error, PayRefusal) else error.code
        failed = looks >= _LOOKS_MAX
        async with self._uows.system(tenant_id) as uow:
            await BillQueries(uow).postpone(
                key,
                BillState.FAILED if failed else BillState.WAITING,
                at=None if failed else uow.clock.now() + (_SOON if looks < 12 else _LATER),
                note=note,
            )


def last_ready_day(now: datetime) -> date:
    """Return the last day whose bill the platform has."""
    local = now.astimezone(CHINA)
    return local.date() - timedelta(days=1 if local.time() >= READY else 2)
