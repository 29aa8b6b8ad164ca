"""Our payments and the platform's side, each a program of its own, talking over real HTTP both ways."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from contract.official_account.sandbox_process import Sandbox
from quanyu.app.server import Server
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments import lists
from quanyu.modules.payments.contracts import (
    AskRefund,
    AttemptKind,
    BillState,
    ConnectMerchant,
    CreatePayment,
    DifferenceFilter,
    Payment,
    PaymentDetail,
    StartAttempt,
)
from quanyu.modules.payments.rules import PaymentState, RefundState
from quanyu.modules.payments.service import Payments, read_merchant_id, read_payment_id
from quanyu.wechat.transport import Transport
from support.processes import free_port

LIMIT_S = 60.0


@pytest.fixture
def clock() -> SystemClock:
    """Both sides live in the same time, and the sandbox in the real one."""
    return SystemClock()


@dataclass
class Shop:
    """A brand whose door is open to the sandbox."""

    payments: Payments
    sandbox: Sandbox
    uows: UnitOfWorkFactory
    tenant_id: TenantId
    merchant_id: str
    openid: str

    async def ask_for(self, amount: int, key: str) -> Payment:
        command = CreatePayment(
            key=key,
            merchant_id=self.merchant_id,
            amount_minor=amount,
            description="一杯茶",
            expires_at=self.uows.clock.now() + timedelta(minutes=30),
        )
        async with self.uows.app(self.tenant_id) as uow:
            payment, _ = await self.payments.create(uow, command)
        return payment

    async def start(self, payment: Payment) -> dict[str, str]:
        command = StartAttempt(
            kind=AttemptKind.JSAPI, app_id=self.sandbox.account["appid"], openid=self.openid
        )
        opened = await self.payments.start(self.tenant_id, read_payment_id(payment.id), command)
        return opened.parameters

    async def pay(self, parameters: dict[str, str], **how: Any) -> None:
        await self.sandbox.control("POST", "/people/1/pay", {"invocation": parameters, **how})

    async def detail(self, payment: Payment) -> PaymentDetail:
        async with self.uows.app(self.tenant_id) as uow:
            return await lists.get(uow, read_payment_id(payment.id))

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not await holds():  # noqa: ASYNC110 - what is waited for happens in the database.
                await asyncio.sleep(0.05)

    async def is_in(self, payment: Payment, state: PaymentState) -> bool:
        return (await self.detail(payment)).payment.state is state


@pytest.fixture(params=[True, False], ids=["public_key", "certificates"])
async def shop(
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    merchant: dict[str, Any],
    openid: str,
    transport: Transport,
    uows: UnitOfWorkFactory,
    key_ring: KeyRing,
    tenant_id: TenantId,
) -> AsyncIterator[Shop]:
    port = free_port()
    payments = Payments(uows, key_ring, transport, public_url=f"http://127.0.0.1:{port}")
    command = ConnectMerchant(
        mch_id=merchant["mchid"],
        serial_no=merchant["serial_no"],
        private_key=merchant["private_key_pem"],
        api_v3_key=merchant["api_v3_key"],
        public_key_id=merchant["public_key_id"] if request.param else "",
        public_key=merchant["public_key_pem"] if request.param else "",
        base_url=sandbox.url,
    )
    async with uows.app(tenant_id) as uow:
        connected = await payments.connect(uow, command)
    async with Server(payments.door, host="127.0.0.1", port=port):
        yield Shop(payments, sandbox, uows, tenant_id, connected.id, openid)


async def test_from_asking_to_having_and_back(shop: Shop) -> None:
    payment = await shop.ask_for(1990, "order-1")
    await shop.pay(await shop.start(payment))
    await shop.until(lambda: shop.is_in(payment, PaymentState.PAID))  # By the notification alone.

    async with shop.uows.app(shop.tenant_id) as uow:
        await shop.payments.refund(
            uow, read_payment_id(payment.id), AskRefund(key="back-1", amount_minor=990, reason="少一杯")
        )
    await shop.payments.recovery.run_once(shop.tenant_id)

    async def is_back() -> bool:
        (refund,) = (await shop.detail(payment)).refunds
        return refund.state is RefundState.SUCCEEDED

    await shop.until(is_back)
    detail = await shop.detail(payment)
    assert (detail.payment.refunded_minor, detail.payment.refunding_minor) == (990, 990)


async def test_closing_closes_the_order_there(shop: Shop) -> None:
    payment = await shop.ask_for(1990, "order-1")
    await shop.start(payment)
    async with shop.uows.app(shop.tenant_id) as uow:
        await shop.payments.close(uow, read_payment_id(payment.id))

    await shop.payments.recovery.run_once(shop.tenant_id)

    assert await shop.is_in(payment, PaymentState.CLOSED)


async def test_two_bills_of_an_earlier_day_agree_with_our_ledger(shop: Shop) -> None:
    days = timedelta(days=2)
    async with shop.uows.system(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE pay_merchant SET created_at = :then WHERE tenant_id = :tenant AND id = :id",
            {
                "tenant": shop.tenant_id,
                "id": read_merchant_id(shop.merchant_id),
                "then": uow.clock.now() - days,
            },
        )
    payment = await shop.ask_for(1990, "order-1")
    await shop.pay(await shop.start(payment), ago_s=int(days.total_seconds()))
    await shop.until(lambda: shop.is_in(payment, PaymentState.PAID))

    while await shop.payments.reconciliation.run_once(shop.tenant_id):
        pass

    async with shop.uows.app(shop.tenant_id) as uow:
        bills = await lists.list_bills(uow, limit=10)
        found = await lists.page_differences(uow, DifferenceFilter(), cursor=None, limit=10)
    assert found.items == ()
    assert {one.state for one in bills} == {BillState.DONE}
    assert [one.income_minor for one in bills if one.income_minor] == [1990, 1990]


async def test_a_check_of_the_merchant(shop: Shop) -> None:
    checks = await shop.payments.check(shop.tenant_id, read_merchant_id(shop.merchant_id))

    found = {one.name: one.ok for one in checks}
    assert (found["reachable"], found["signing"]) == (True, True)
    assert found.get("certificates", True) is True
