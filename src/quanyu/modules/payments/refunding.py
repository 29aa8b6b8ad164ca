"""Asking for money to go back: written down here, carried out by the recovery."""

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, encode_id, new_id
from quanyu.modules.payments import rules
from quanyu.modules.payments.clients import PayClients
from quanyu.modules.payments.contracts import REFUND_PREFIX, AskRefund, PaymentId, RefundId
from quanyu.modules.payments.errors import KeyUsed, NotRefundable, UnknownPayment, UnknownRefund
from quanyu.modules.payments.queries.payments import KeptAttempt, PaymentQueries
from quanyu.modules.payments.queries.refunds import KeptRefund, RefundQueries
from quanyu.modules.payments.rules import AttemptState, Paid, RefundCause, RefundState
from quanyu.modules.payments.settling import Settling
from quanyu.modules.payments.words import refund_word
from quanyu.wechat.errors import WechatError
from quanyu.wechat.pay import refunds

_WHY_ZH = {
    "nothing_paid": "该支付没有可退金额",
    "more_than_paid": "退款总额不能超过支付金额",
    "too_late": "已超过一年退款期限",
    "too_many": "一笔支付最多退款 50 次",
}


class Refunding:
    """Takes refunds on."""

    def __init__(self, uows: UnitOfWorkFactory, clients: PayClients, settling: Settling) -> None:
        self._uows = uows
        self._clients = clients
        self._settling = settling

    async def ask(self, uow: UnitOfWork, payment_id: PaymentId, command: AskRefund) -> KeptRefund:
        """Write a refund once and return it; idempotent on the caller's key.

        Raises:
            UnknownPayment: there is none.
            KeyUsed: the key belongs to another refund.
            NotRefundable: nothing was paid, or the sum would exceed it, or the time is over.
        """
        payments, queries, now = PaymentQueries(uow), RefundQueries(uow), uow.clock.now()
        if await payments.lock(payment_id) is None:
            raise UnknownPayment("no such payment", message_zh="没有这笔支付")
        known = await queries.find_by_key(command.key)
        if known is not None:
            if (known.payment_id, known.amount_minor, known.reason) != (
                payment_id,
                command.amount_minor,
                command.reason,
            ):
                raise KeyUsed(
                    f"the key {command.key} belongs to another refund",
                    message_zh="该退款单号已用于其他退款",
                )
            return known
        attempt = await self._paid_attempt(payments, payment_id)
        count, last_at = await queries.count_of(attempt.attempt_id)
        paid = Paid(
            paid_minor=attempt.paid_minor,
            refunding_minor=attempt.refunding_minor,
            refunds=count,
            paid_at=attempt.paid_at,
            last_refund_at=last_at,
        )
        if problem := rules.refund_problem(paid, command.amount_minor, now):
            raise NotRefundable(
                f"cannot be refunded: {problem.replace('_', ' ')}", message_zh=_WHY_ZH[problem]
            )
        refund_id = RefundId(new_id())
        refund = KeptRefund(
            refund_id=refund_id,
            payment_id=payment_id,
            attempt_id=attempt.attempt_id,
            merchant_id=attempt.merchant_id,
            key=command.key,
            out_refund_no=encode_id(REFUND_PREFIX, refund_id),
            amount_minor=command.amount_minor,
            reason=command.reason,
            cause=RefundCause.ASKED,
            state=RefundState.PLANNED,
            note="",
            platform_id="",
            looks=0,
            succeeded_at=None,
            created_at=now,
        )
        await queries.insert(refund, check_at=rules.refund_due(paid, now))
        return refund

    async def reroute(self, tenant_id: TenantId, refund_id: RefundId) -> KeptRefund:
        """Pay an abnormal refund to the merchant's own bank card: a person then hands it over.

        Raises:
            UnknownRefund, NotRefundable: there is none, or it is not abnormal.
            WechatError: the platform did not take it; asking again is safe.
        """
        async with self._uows.system(tenant_id) as uow:
            refund = await RefundQueries(uow).find(refund_id)
        if refund is None:
            raise UnknownRefund("no such refund", message_zh="没有这笔退款")
        if refund.state is not RefundState.ABNORMAL:
            raise NotRefundable("the refund is not abnormal", message_zh="只有异常退款可以改道")
        client, _ = await self._clients.client(tenant_id, refund.merchant_id)
        request = refunds.AbnormalRefundRequest(
            refund_id=refund.platform_id, out_refund_no=refund.out_refund_no, type="MERCHANT_BANK_CARD"
        )
        try:
            word = refund_word(await client.call(refunds.REFUND_ABNORMAL, request))
        except WechatError as error:
            await self._look_soon(tenant_id, refund, error)
            raise
        async with self._uows.system(tenant_id) as uow:
            await self._settling.refund(uow, refund, word)
            found = await RefundQueries(uow).find(refund_id)
        assert found is not None
        return found

    async def _look_soon(self, tenant_id: TenantId, refund: KeptRefund, error: WechatError) -> None:
        """Have the refund asked for: the platform may have taken the other way after all."""
        async with self._uows.system(tenant_id) as uow:
            await RefundQueries(uow).move(refund, refund.state, check_at=uow.clock.now(), note=error.code)

    async def _paid_attempt(self, payments: PaymentQueries, payment_id: PaymentId) -> KeptAttempt:
        for one in await payments.attempts(payment_id):
            if one.state is AttemptState.PAID:
                return one
        raise NotRefundable("nothing was paid", message_zh=_WHY_ZH["nothing_paid"])
