"""A brand with a merchant, and the platform in memory behind it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest

from integration.channels.conftest import Answer, ask
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments import lists
from quanyu.modules.payments.contracts import (
    AskRefund,
    AttemptKind,
    ConnectMerchant,
    CreatePayment,
    Invocation,
    Payment,
    PaymentDetail,
    PaymentId,
    Refund,
    StartAttempt,
)
from quanyu.modules.payments.ports import LatePayments
from quanyu.modules.payments.service import Payments, read_payment_id
from support.pay_keys import API_V3_KEY, MCH_ID, PUBLIC_KEY_ID, SERIAL_NO, private_pem, public_pem
from support.pay_world import Notice, PayWorld

APP_ID = "wxpay0001"


def connecting(**changes: Any) -> ConnectMerchant:
    known: dict[str, Any] = {
        "mch_id": MCH_ID,
        "serial_no": SERIAL_NO,
        "private_key": private_pem("merchant"),
        "api_v3_key": API_V3_KEY,
        "public_key_id": PUBLIC_KEY_ID,
        "public_key": public_pem("public_key"),
    }
    return ConnectMerchant(**(known | changes))


@dataclass
class Till:
    """The brand's payments as a test uses them."""

    payments: Payments
    world: PayWorld
    uows: UnitOfWorkFactory
    tenant_id: TenantId
    clock: FixedClock
    merchant_id: str = ""
    made: int = 0

    async def ask_for(self, amount: int = 1990, *, minutes: int = 30, key: str = "") -> Payment:
        """Create a payment."""
        self.made += 1
        command = CreatePayment(
            key=key or f"order-{self.made}",
            merchant_id=self.merchant_id,
            amount_minor=amount,
            description="一杯茶",
            expires_at=self.clock.now() + timedelta(minutes=minutes),
        )
        async with self.uows.app(self.tenant_id) as uow:
            payment, _ = await self.payments.create(uow, command)
        return payment

    async def start(
        self, payment: Payment, kind: AttemptKind = AttemptKind.JSAPI, openid: str = "oAlice"
    ) -> Invocation:
        command = StartAttempt(kind=kind, app_id=APP_ID, openid=openid, client_ip="203.0.113.9")
        return await self.payments.start(self.tenant_id, self.id_of(payment), command)

    async def close(self, payment: Payment) -> None:
        async with self.uows.app(self.tenant_id) as uow:
            await self.payments.close(uow, self.id_of(payment))

    async def refund(self, payment: Payment, amount: int, key: str) -> Refund:
        async with self.uows.app(self.tenant_id) as uow:
            asked = await self.payments.refund(
                uow, self.id_of(payment), AskRefund(key=key, amount_minor=amount, reason="七天无理由")
            )
        return asked.refund

    async def detail(self, payment: Payment) -> PaymentDetail:
        async with self.uows.app(self.tenant_id) as uow:
            return await lists.get(uow, self.id_of(payment))

    async def recover(self, *, after: timedelta = timedelta()) -> None:
        """Let time pass, then let the recovery do what is due until nothing is."""
        self.clock.advance(after)
        for _ in range(50):
            if not await self.payments.recovery.run_once(self.tenant_id):
                return
        raise AssertionError("the recovery finds no end")

    async def deliver(self, notice: Notice, **changes: Any) -> Answer:
        """Deliver one notification, as the platform does, or as ``changes`` say."""
        body = json.dumps(notice.envelope).encode()
        headers = self.world.signed_headers(body, **changes)
        return await self.post(notice.url, body, headers)

    async def deliver_all(self) -> None:
        for notice in self.world.due_notices():
            answer = await self.deliver(notice)
            self.world.answered(notice, answer.status)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        path = url.removeprefix("https://brand.example")
        return await ask(
            self.payments.door,
            "POST",
            path,
            body=body,
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
        )

    async def facts(self) -> list[str]:
        """Return the names of the facts stated, in order."""
        async with self.uows.system(self.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT name FROM log_event WHERE tenant_id = :tenant AND name LIKE 'payments.%' "
                "ORDER BY position",
                {"tenant": self.tenant_id},
            )
            return [row.name for row in rows]

    async def rows(self, sql: str) -> list[Any]:
        async with self.uows.system(self.tenant_id) as uow:
            return list(await uow.execute(sql, {"tenant": self.tenant_id}))

    @staticmethod
    def id_of(payment: Payment) -> PaymentId:
        return read_payment_id(payment.id)


OpenTill = Callable[..., Any]


async def open_till(
    uows: UnitOfWorkFactory,
    key_ring: KeyRing,
    tenant_id: TenantId,
    clock: FixedClock,
    *,
    late: LatePayments | None = None,
    **changes: Any,
) -> Till:
    """Connect the merchant and return the brand's payments."""
    world = PayWorld(clock)
    payments = Payments(uows, key_ring, cast(Any, world), public_url="https://brand.example", late=late)
    async with uows.app(tenant_id) as uow:
        merchant = await payments.connect(uow, connecting(**changes))
    return Till(payments, world, uows, tenant_id, clock, merchant.id)


@pytest.fixture
async def till(uows: UnitOfWorkFactory, key_ring: KeyRing, tenant_id: TenantId, clock: FixedClock) -> Till:
    return await open_till(uows, key_ring, tenant_id, clock)
