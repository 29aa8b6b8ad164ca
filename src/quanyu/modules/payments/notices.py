"""What a notification means to us: taken once, in one transaction with what it changes.

Outcomes, each kept with the notification: ``applied``; ``unchanged`` (known already, or overtaken by an
answer); ``mismatch`` (another amount: nothing is credited, the comparison with the bill shows it);
``unknown_order`` (a number that is not ours); ``kept`` (an event that payments do not act on).
"""

from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.payments.merchants import KeptMerchant, MerchantQueries
from quanyu.modules.payments.queries.payments import PaymentQueries
from quanyu.modules.payments.queries.refunds import RefundQueries
from quanyu.modules.payments.settling import Outcome, Settling
from quanyu.modules.payments.words import refund_word_of_notice, word_of
from quanyu.wechat.pay.events import RefundNotice, read_content
from quanyu.wechat.pay.notifications import Notification
from quanyu.wechat.pay.orders import Transaction

REPEATED: Final = "repeated"
UNKNOWN_ORDER: Final = "unknown_order"
KEPT: Final = "kept"
_CONTEXT: Final = b"payments.notice"


class Notices:
    """Takes notifications that are verified and opened."""

    def __init__(self, keyring: KeyRing, settling: Settling) -> None:
        self._keyring = keyring
        self._settling = settling

    async def take(self, uow: UnitOfWork, merchant: KeptMerchant, notice: Notification) -> str:
        """Take one delivery and return its outcome; idempotent on the notification's id.

        Raises:
            NoticeRefused: the content is not what its event says; nothing is kept.
        """
        content = read_content(notice)
        if not await self._keep(uow, merchant, notice, _number_of(content)):
            return REPEATED
        await MerchantQueries(uow, self._keyring).heard(merchant.merchant_id, uow.clock.now())
        outcome = await self._apply(uow, merchant, content)
        await uow.execute(
            "UPDATE payment_notice SET outcome = :outcome WHERE tenant_id = :tenant "
            "AND merchant_id = :merchant AND notice_id = :id",
            {
                "tenant": uow.tenant_id,
                "merchant": merchant.merchant_id,
                "id": notice.id,
                "outcome": outcome,
            },
        )
        return outcome

    async def _keep(self, uow: UnitOfWork, merchant: KeptMerchant, notice: Notification, number: str) -> bool:
        """Write the notification; false if it was written before. Two at once come after each other here."""
        done = await uow.execute(
            "INSERT INTO payment_notice (tenant_id, merchant_id, notice_id, event_type, number, outcome, "
            "content_sealed, received_at) "
            "VALUES (:tenant, :merchant, :id, :event, :number, '', :sealed, :now) ON CONFLICT DO NOTHING",
            {
                "tenant": uow.tenant_id,
                "merchant": merchant.merchant_id,
                "id": notice.id,
                "event": notice.event_type[:64],
                "number": number,
                "sealed": self._keyring.seal(notice.content, context=_CONTEXT),
                "now": uow.clock.now(),
            },
        )
        return done.rowcount == 1

    async def _apply(self, uow: UnitOfWork, merchant: KeptMerchant, content: Any) -> str:
        match content:
            case Transaction():
                return await self._apply_order(uow, merchant, content)
            case RefundNotice():
                return await self._apply_refund(uow, merchant, content)
            case _:
                return KEPT

    async def _apply_order(self, uow: UnitOfWork, merchant: KeptMerchant, said: Transaction) -> str:
        if said.mchid != merchant.keys.mch_id:
            return Outcome.MISMATCH.value
        attempt = await PaymentQueries(uow).find_by_number(merchant.merchant_id, said.out_trade_no)
        if attempt is None:
            return UNKNOWN_ORDER
        settled = await self._settling.order(uow, attempt, word_of(said))
        return settled.outcome.value

    async def _apply_refund(self, uow: UnitOfWork, merchant: KeptMerchant, said: RefundNotice) -> str:
        if said.mchid != merchant.keys.mch_id:
            return Outcome.MISMATCH.value
        refund = await RefundQueries(uow).find_by_number(merchant.merchant_id, said.out_refund_no)
        if refund is None:
            return UNKNOWN_ORDER
        outcome, _ = await self._settling.refund(uow, refund, refund_word_of_notice(said))
        return outcome.value


def _number_of(content: Any) -> str:
    """Return our number of what a notification is about; empty for events that payments do not act on."""
    match content:
        case Transaction():
            return content.out_trade_no
        case RefundNotice():
            return content.out_refund_no
        case _:
            return ""
