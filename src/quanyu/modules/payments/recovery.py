"""Finding out what is not known, closing what is over, and giving money back: always ask before deciding.

Every call is made with no transaction open. Before it the row says that it may happen, after it what came of
it; a process that dies in between leaves a row that is due again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments.clients import PayClients
from quanyu.modules.payments.merchants import KeptMerchant
from quanyu.modules.payments.queries.payments import KeptAttempt, PaymentQueries
from quanyu.modules.payments.queries.refunds import KeptRefund, RefundQueries
from quanyu.modules.payments.rules import Effect, RefundState, Said
from quanyu.modules.payments.settling import RefundWord, Settled, Settling, Word
from quanyu.modules.payments.words import (
    refund_word,
    refund_word_of_error,
    refund_word_of_query_error,
    word_of,
    word_of_close_error,
    word_of_query_error,
)
from quanyu.wechat.errors import WechatError
from quanyu.wechat.pay import orders, refunds
from quanyu.wechat.pay.client import PayClient

_log = get_logger("payments.recovery")
_LOOKED: Final = Counter("quanyu_payment_looks_total", "Payments and refunds asked for", ["what", "said"])
_BATCH: Final = 50
_AT_ONCE: Final = 8
CLAIM: Final = timedelta(minutes=2)  # Longer than a call and its follow-up may take.

T = TypeVar("T")
NotifyUrl = Callable[[KeptMerchant], str]


class PaymentRecovery:
    """Looks at what is due."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clients: PayClients,
        settling: Settling,
        notify_url: NotifyUrl,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._settling = settling
        self._notify_url = notify_url
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="payments.recovery_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Look at what is due now; return how many were looked at."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, CLAIM)
            due = await PaymentQueries(uow).claim_due(now=now, until=until, limit=_BATCH)
            back = await RefundQueries(uow).claim_due(now=now, until=until, limit=_BATCH)
            over = await PaymentQueries(uow).expired(now, _BATCH)
        for payment_id in over:
            async with self._uows.system(tenant_id) as uow:
                payment = await PaymentQueries(uow).find(payment_id)
                if payment is not None:
                    await self._settling.expire(uow, payment)
        work = [self._safely(self._look_at, tenant_id, one) for one in due]
        work += [self._safely(self._look_at_refund, tenant_id, one) for one in back]
        await asyncio.gather(*work)
        return len(due) + len(back) + len(over)

    async def look(self, tenant_id: TenantId, attempt: KeptAttempt) -> Settled:
        """Ask the platform for one attempt now, close it if it is to be closed, and take over the answer.

        Raises:
            UnknownMerchant: the merchant is not connected.
        """
        client, _ = await self._clients.client(tenant_id, attempt.merchant_id)
        settled = await self._settle(tenant_id, attempt, await self._query(client, attempt))
        if settled.effect is not Effect.CLOSE_ORDER:
            return settled
        word = await self._close(client, attempt)
        if word.reason == "ORDER_PAID":
            word = await self._query(client, attempt)
        return await self._settle(tenant_id, attempt, word)

    async def _look_at(self, tenant_id: TenantId, attempt: KeptAttempt) -> None:
        await self.look(tenant_id, attempt)

    async def _look_at_refund(self, tenant_id: TenantId, refund: KeptRefund) -> None:
        client, merchant = await self._clients.client(tenant_id, refund.merchant_id)
        if refund.state is RefundState.PLANNED and refund.looks == 1:
            # Nobody has sent it yet: the first look is the sending.
            await self._settle_refund(
                tenant_id, refund, await self._send(client, merchant, tenant_id, refund)
            )
            return
        effect = await self._settle_refund(tenant_id, refund, await self._query_refund(client, refund))
        if effect is Effect.SEND:
            await self._settle_refund(
                tenant_id, refund, await self._send(client, merchant, tenant_id, refund)
            )

    async def _query(self, client: PayClient, attempt: KeptAttempt) -> Word:
        request = orders.ByOutTradeNo(out_trade_no=attempt.out_trade_no, mchid=client.mch_id)
        try:
            word = word_of(await client.call(orders.QUERY, request))
        except WechatError as error:
            word = word_of_query_error(error)
        _LOOKED.labels("payment", word.said.value).inc()
        return word

    async def _close(self, client: PayClient, attempt: KeptAttempt) -> Word:
        request = orders.ByOutTradeNo(out_trade_no=attempt.out_trade_no, mchid=client.mch_id)
        try:
            await client.call(orders.CLOSE, request)
        except WechatError as error:
            return word_of_close_error(error)
        return Word(said=Said.CLOSED)

    async def _query_refund(self, client: PayClient, refund: KeptRefund) -> RefundWord:
        try:
            answer = await client.call(
                refunds.QUERY, refunds.ByOutRefundNo(out_refund_no=refund.out_refund_no)
            )
        except WechatError as error:
            word = refund_word_of_query_error(error)
        else:
            word = refund_word(answer)
        _LOOKED.labels("refund", word.said.value).inc()
        return word

    async def _send(
        self, client: PayClient, merchant: KeptMerchant, tenant_id: TenantId, refund: KeptRefund
    ) -> RefundWord:
        """Ask for the refund; made again, the request is the same to the letter."""
        async with self._uows.system(tenant_id) as uow:
            attempt = await PaymentQueries(uow).find_attempt(refund.attempt_id)
        assert attempt is not None
        request = refunds.RefundRequest(
            out_refund_no=refund.out_refund_no,
            out_trade_no=attempt.out_trade_no,
            reason=refund.reason,
            notify_url=self._notify_url(merchant),
            amount=refunds.RefundAmount(refund=refund.amount_minor, total=attempt.paid_minor, currency="CNY"),
        )
        try:
            return refund_word(await client.call(refunds.REFUND, request))
        except WechatError as error:
            return refund_word_of_error(error)

    async def _settle(self, tenant_id: TenantId, attempt: KeptAttempt, word: Word) -> Settled:
        async with self._uows.system(tenant_id) as uow:
            return await self._settling.order(uow, attempt, word)

    async def _settle_refund(self, tenant_id: TenantId, refund: KeptRefund, word: RefundWord) -> Effect:
        async with self._uows.system(tenant_id) as uow:
            _, effect = await self._settling.refund(uow, refund, word)
            return effect

    async def _safely(
        self, look: Callable[[TenantId, T], Awaitable[None]], tenant_id: TenantId, what: T
    ) -> None:
        """Look at one thing; what goes wrong with it leaves it due again and the others alone."""
        async with self._slots:
            try:
                await look(tenant_id, what)
            except NotFound as error:
                _log.warning("payments.merchant_missing", error=str(error))
            except Exception as error:
                _log.error("payments.look_failed", exc_info=error)
