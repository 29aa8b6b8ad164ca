"""Payments of a brand: merchants, payments, refunds, and what the bills say."""

import secrets
from datetime import date, timedelta
from typing import Any

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.modules.payments import views
from quanyu.modules.payments.checks import check_merchant
from quanyu.modules.payments.clients import PayClients
from quanyu.modules.payments.contracts import (
    DIFFERENCE_PREFIX,
    MERCHANT_PREFIX,
    PAYMENT_PREFIX,
    REFUND_PREFIX,
    AskedRefund,
    AskRefund,
    BillKind,
    ConnectMerchant,
    CreatePayment,
    Difference,
    Invocation,
    Merchant,
    MerchantCheck,
    MerchantId,
    Payment,
    PaymentId,
    RefundId,
    ResolveDifference,
    StartAttempt,
)
from quanyu.modules.payments.door import PATH, PayNoticeDoor
from quanyu.modules.payments.errors import UnknownMerchant
from quanyu.modules.payments.merchants import KeptMerchant, MerchantQueries
from quanyu.modules.payments.notices import Notices
from quanyu.modules.payments.paying import Paying
from quanyu.modules.payments.ports import LatePayments, NothingIsLate
from quanyu.modules.payments.queries.bills import BillKey, BillQueries
from quanyu.modules.payments.queries.lists import ListQueries
from quanyu.modules.payments.queries.payments import KeptPayment, PaymentQueries
from quanyu.modules.payments.reconciliation import CHINA, Reconciliation
from quanyu.modules.payments.recovery import PaymentRecovery
from quanyu.modules.payments.refunding import Refunding
from quanyu.modules.payments.settling import Settling
from quanyu.wechat.pay.client import MerchantKeys
from quanyu.wechat.transport import Transport


class Payments:
    """Everything other modules and the API may ask of payments."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        transport: Transport,
        *,
        public_url: str,
        late: LatePayments | None = None,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._public_url = public_url.rstrip("/")
        self._clients = PayClients(uows, keyring, transport)
        settling = Settling(late or NothingIsLate())
        self.recovery = PaymentRecovery(uows, keyring, self._clients, settling, self._notify_url)
        self.reconciliation = Reconciliation(uows, keyring, self._clients)
        self.door = PayNoticeDoor(uows, keyring, self._clients, Notices(keyring, settling))
        self._paying = Paying(uows, keyring, self._clients, settling, self.recovery, self._notify_url)
        self._refunding = Refunding(uows, self._clients, settling)

    async def connect(self, uow: UnitOfWork, command: ConnectMerchant) -> Merchant:
        """Connect a merchant, or replace the keys of the one with this number; the address stays.

        Raises:
            InvalidPayKey: a key cannot be read.
        """
        queries, now = MerchantQueries(uow, self._keyring), uow.clock.now()
        known = await queries.find_by_mch_id(command.mch_id)
        merchant = KeptMerchant(
            tenant_id=uow.tenant_id,
            merchant_id=known.merchant_id if known else MerchantId(new_id()),
            name=command.name or (known.name if known else command.mch_id),
            notify_key=known.notify_key if known else secrets.token_urlsafe(18),
            keys=MerchantKeys(
                mch_id=command.mch_id,
                serial_no=command.serial_no,
                private_key=command.private_key,
                api_v3_key=command.api_v3_key,
                public_key_id=command.public_key_id,
                public_key=command.public_key,
                base_url=command.base_url,
            ),
            last_notice_at=None,
            created_at=now,
            updated_at=now,
        )
        self._clients.make(merchant)  # Reads every key, and says which is none.
        kept = await queries.save(merchant)
        uow.after_commit(lambda: self._clients.forget(kept.tenant_id, kept.merchant_id))
        return self._show(kept)

    async def list_merchants(self, uow: UnitOfWork) -> tuple[Merchant, ...]:
        """Return the brand's merchants, oldest first."""
        return tuple(self._show(one) for one in await MerchantQueries(uow, self._keyring).list_all())

    async def check(self, tenant_id: TenantId, merchant_id: MerchantId) -> tuple[MerchantCheck, ...]:
        """Look at everything that can be wrong with a merchant; no transaction stays open meanwhile.

        Raises:
            UnknownMerchant: the brand has no such merchant.
        """
        async with self._uows.system(tenant_id) as uow:
            merchant = await self._merchant(uow, merchant_id)
        day = (self._uows.clock.now().astimezone(CHINA) - timedelta(days=2)).date()
        return await check_merchant(self._clients.make(merchant), merchant, day=day)

    async def create(self, uow: UnitOfWork, command: CreatePayment) -> tuple[Payment, bool]:
        """Ask for an amount; return the payment and whether it is new. Idempotent on the caller's key.

        Raises:
            UnknownMerchant, KeyUsed, NotPayable: see there.
        """
        merchant = await self._merchant(uow, read_merchant_id(command.merchant_id))
        payment, is_new = await self._paying.create(uow, command, merchant.merchant_id)
        return await self._payment(uow, payment), is_new

    async def start(self, tenant_id: TenantId, payment_id: PaymentId, command: StartAttempt) -> Invocation:
        """Let a person pay now. Calls the platform: no transaction may be open."""
        attempt, parameters, url = await self._paying.start(tenant_id, payment_id, command)
        return Invocation(attempt=views.show_attempt(attempt), parameters=parameters, url=url)

    async def close(self, uow: UnitOfWork, payment_id: PaymentId) -> Payment:
        """Want a payment no more. ``payments.closed`` says when nobody can pay it any longer."""
        return await self._payment(uow, await self._paying.close(uow, payment_id))

    async def find_by_key(self, uow: UnitOfWork, key: str) -> Payment | None:
        """Return the payment of a caller's key."""
        found = await PaymentQueries(uow).find_by_key(key)
        return None if found is None else await self._payment(uow, found)

    async def refund(self, uow: UnitOfWork, payment_id: PaymentId, command: AskRefund) -> AskedRefund:
        """Give back a part or all; carried out in the background. Idempotent on the caller's key.

        Raises:
            UnknownPayment, KeyUsed, NotRefundable: see there.
        """
        refund = await self._refunding.ask(uow, payment_id, command)
        return AskedRefund(refund=views.show_refund(refund))

    async def reroute_refund(self, tenant_id: TenantId, refund_id: RefundId) -> AskedRefund:
        """Send an abnormal refund to the merchant's bank card. Calls the platform."""
        return AskedRefund(refund=views.show_refund(await self._refunding.reroute(tenant_id, refund_id)))

    async def compare_again(
        self, uow: UnitOfWork, merchant_id: MerchantId, kind: BillKind, day: date
    ) -> bool:
        """Have a bill fetched and compared once more; false if there is none of that day yet."""
        return await BillQueries(uow).again(BillKey(merchant_id, kind, day))

    async def resolve(
        self, uow: UnitOfWork, difference_id: int, command: ResolveDifference
    ) -> Difference | None:
        """Note what a person found out about a difference; ``None`` if there is none."""
        row: Any = await BillQueries(uow).resolve(difference_id, command.note)
        return None if row is None else views.show_difference(row)

    async def _payment(self, uow: UnitOfWork, payment: KeptPayment) -> Payment:
        back = await ListQueries(uow).money_back([payment.payment_id])
        return views.show_payment(payment, back.get(payment.payment_id))

    async def _merchant(self, uow: UnitOfWork, merchant_id: MerchantId) -> KeptMerchant:
        merchant = await MerchantQueries(uow, self._keyring).find(merchant_id)
        if merchant is None:
            shown = encode_id(MERCHANT_PREFIX, merchant_id)
            raise UnknownMerchant(f"no connected merchant {shown}", message_zh="没有这个商户号")
        return merchant

    def _show(self, merchant: KeptMerchant) -> Merchant:
        return views.show_merchant(merchant, self._notify_url(merchant))

    def _notify_url(self, merchant: KeptMerchant) -> str:
        return f"{self._public_url}{PATH}/{merchant.notify_key}"


def read_merchant_id(text: str) -> MerchantId:
    """Read an id as shown outside (``mch_…``)."""
    return MerchantId(decode_id(MERCHANT_PREFIX, text))


def read_payment_id(text: str) -> PaymentId:
    """Read an id as shown outside (``pay_…``)."""
    return PaymentId(decode_id(PAYMENT_PREFIX, text))


def read_refund_id(text: str) -> RefundId:
    """Read an id as shown outside (``rfd_…``)."""
    return RefundId(decode_id(REFUND_PREFIX, text))


def read_difference_id(text: str) -> int:
    """Read an id as shown outside (``dif_…``)."""
    return decode_id(DIFFERENCE_PREFIX, text)
