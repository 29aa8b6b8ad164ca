"""Asking for an amount, letting a person pay it, and taking the offer back."""

from datetime import timedelta, timezone
from typing import Any, Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.ids import TenantId, encode_id, new_id
from quanyu.modules.payments.clients import PayClients
from quanyu.modules.payments.contracts import (
    ATTEMPT_PREFIX,
    PAYMENT_PREFIX,
    AttemptId,
    AttemptKind,
    CreatePayment,
    MerchantId,
    PaymentId,
    StartAttempt,
)
from quanyu.modules.payments.errors import KeyUsed, MissingPayer, NotPayable, OutcomeOpen, UnknownPayment
from quanyu.modules.payments.merchants import KeptMerchant
from quanyu.modules.payments.queries.payments import KeptAttempt, KeptPayment, PaymentQueries
from quanyu.modules.payments.recovery import CLAIM, NotifyUrl, PaymentRecovery
from quanyu.modules.payments.rules import AttemptState, PaymentState, Said
from quanyu.modules.payments.settling import Settled, Settling, Word
from quanyu.modules.payments.words import ABOUT_EXISTING
from quanyu.wechat.calls import Call
from quanyu.wechat.errors import TransportError, WechatError
from quanyu.wechat.pay import orders
from quanyu.wechat.pay.amounts import OrderAmount
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.errors import PayRefusal
from quanyu.wechat.pay.invocation import invoke_app, invoke_jsapi

_CHINA: Final = timezone(timedelta(hours=8))
PAYER_CONTEXT: Final = b"payments.payer"
_STARTABLE: Final = (AttemptState.PLANNED, AttemptState.OPEN)
_CALLS: Final[dict[AttemptKind, Call[Any, Any]]] = {
    AttemptKind.JSAPI: orders.JSAPI,
    AttemptKind.APP: orders.APP,
    AttemptKind.H5: orders.H5,
    AttemptKind.NATIVE: orders.NATIVE,
}


class _Payer(msgspec.Struct, frozen=True):
    openid: str = ""
    client_ip: str = ""


class Paying:
    """Creates payments and starts attempts to pay them."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clients: PayClients,
        settling: Settling,
        recovery: PaymentRecovery,
        notify_url: NotifyUrl,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._settling = settling
        self._recovery = recovery
        self._notify_url = notify_url

    async def create(
        self, uow: UnitOfWork, command: CreatePayment, merchant_id: MerchantId
    ) -> tuple[KeptPayment, bool]:
        """Write a payment once; return it and whether it is new. Nothing is sent."""
        queries, now = PaymentQueries(uow), uow.clock.now()
        payment = KeptPayment(
            payment_id=PaymentId(new_id()),
            merchant_id=merchant_id,
            key=command.key,
            amount_minor=command.amount_minor,
            currency="CNY",
            description=command.description,
            state=PaymentState.OPEN,
            # The platform's times have whole seconds.
            expires_at=command.expires_at.replace(microsecond=0),
            close_asked_at=None,
            paid_at=None,
            closed_at=None,
            created_at=now,
        )
        known = await queries.find_by_key(command.key)
        if known is None:
            if payment.expires_at <= now:
                raise NotPayable("the payment would expire before now", message_zh="支付截止时间已过")
            if await queries.insert(payment):
                return payment, True
            known = await queries.find_by_key(command.key)
        assert known is not None
        if _content(known) != _content(payment):
            raise KeyUsed(
                f"the key {command.key} belongs to another payment", message_zh="该业务单号已用于其他支付"
            )
        return known, False

    async def close(self, uow: UnitOfWork, payment_id: PaymentId) -> KeptPayment:
        """Want the payment no more; it is closed once the platform has closed what was begun. Idempotent.

        Raises:
            UnknownPayment, NotPayable: there is none, or it is paid.
        """
        queries = PaymentQueries(uow)
        payment = await _lock(queries, payment_id)
        if payment.state is PaymentState.PAID:
            raise NotPayable("the payment is paid: refund it", message_zh="已支付，请使用退款")
        if payment.state is PaymentState.OPEN:
            await queries.ask_to_close(payment_id, uow.clock.now())
            await self._settling.expire(uow, payment)
        return await _lock(queries, payment_id)

    async def start(
        self, tenant_id: TenantId, payment_id: PaymentId, command: StartAttempt
    ) -> tuple[KeptAttempt, dict[str, str], str]:
        """Let a person pay now: return the attempt, parameters for WeChat, and an address.

        Asking again with the same content is the same order at the platform. Another way to pay closes the
        one before; should both be paid none the less, the second payment goes back.

        Raises:
            UnknownPayment, NotPayable, MissingPayer, PayRefusal: nothing can be paid by this.
            OutcomeOpen, NotSent: asking again is safe.
        """
        _require_payer(command)
        async with self._uows.system(tenant_id) as uow:
            payment, attempt, is_new = await self._plan(uow, payment_id, command)
        client, merchant = await self._clients.client(tenant_id, payment.merchant_id)
        request = self._request(client, merchant, payment, attempt)
        try:
            said = await client.call(_CALLS[attempt.kind], request)
        except WechatError as error:
            await self._failed(tenant_id, attempt, error, is_new=is_new)
            raise
        settled = await self._settle(tenant_id, attempt, Word(said=Said.PREPARED))
        if settled.attempt.state is not AttemptState.OPEN:
            raise _not_payable(settled)
        return settled.attempt, *self._invocation(client, settled.attempt, said)

    async def _plan(
        self, uow: UnitOfWork, payment_id: PaymentId, command: StartAttempt
    ) -> tuple[KeptPayment, KeptAttempt, bool]:
        queries, now = PaymentQueries(uow), uow.clock.now()
        payment = await _lock(queries, payment_id)
        if payment.state is not PaymentState.OPEN or not payment.is_wanted(now):
            raise NotPayable(
                f"the payment is {payment.state.value} or its time is over", message_zh="该支付已完成或已关闭"
            )
        live = [one for one in await queries.attempts(payment_id) if one.state in _STARTABLE]
        payer = _Payer(openid=command.openid, client_ip=command.client_ip)
        for one in live:
            if (one.kind, one.app_id, self._payer(one)) == (command.kind, command.app_id, payer):
                return payment, one, False
        await queries.close_live(payment_id, now)
        attempt_id = AttemptId(new_id())
        attempt = KeptAttempt(
            attempt_id=attempt_id,
            payment_id=payment_id,
            merchant_id=payment.merchant_id,
            out_trade_no=encode_id(ATTEMPT_PREFIX, attempt_id),
            kind=command.kind,
            app_id=command.app_id,
            payer_sealed=self._keyring.seal(msgspec.json.encode(payer), context=PAYER_CONTEXT),
            state=AttemptState.PLANNED,
            reason="",
            transaction_id="",
            paid_at=None,
            paid_minor=0,
            refunding_minor=0,
            refunded_minor=0,
            looks=0,
            created_at=now,
        )
        await queries.insert_attempt(attempt, check_at=now + business_span(uow.clock, CLAIM))
        return payment, attempt, True

    async def _failed(
        self, tenant_id: TenantId, attempt: KeptAttempt, error: WechatError, *, is_new: bool
    ) -> None:
        """Write what a failed call leaves: a refusal at the first try is sure, the rest is asked for."""
        if isinstance(error, PayRefusal) and is_new and error.pay_code not in ABOUT_EXISTING:
            await self._settle(tenant_id, attempt, Word(said=Said.REFUSED, reason=error.pay_code))
            return
        if isinstance(error, PayRefusal):
            settled = await self._recovery.look(tenant_id, attempt)
            if settled.attempt.state is not AttemptState.OPEN:
                raise _not_payable(settled) from error
            return
        await self._settle(tenant_id, attempt, Word(said=Said.NOTHING, reason=error.code))
        if isinstance(error, TransportError):
            raise OutcomeOpen(
                "the platform did not answer; ask again", message_zh="微信支付没有应答，请稍后重试"
            ) from error

    async def _settle(self, tenant_id: TenantId, attempt: KeptAttempt, word: Word) -> Settled:
        async with self._uows.system(tenant_id) as uow:
            return await self._settling.order(uow, attempt, word)

    def _request(
        self, client: PayClient, merchant: KeptMerchant, payment: KeptPayment, attempt: KeptAttempt
    ) -> orders.OrderRequest:
        """Write the order; made again from the same rows, it is the same to the letter."""
        payer = self._payer(attempt)
        common: dict[str, Any] = {
            "appid": attempt.app_id,
            "mchid": client.mch_id,
            "description": payment.description,
            "out_trade_no": attempt.out_trade_no,
            "notify_url": self._notify_url(merchant),
            "amount": OrderAmount(total=payment.amount_minor, currency=payment.currency),
            "time_expire": payment.expires_at.astimezone(_CHINA).isoformat(timespec="seconds"),
        }
        if attempt.kind is AttemptKind.JSAPI:
            return orders.JsapiRequest(payer=orders.JsapiPayer(openid=payer.openid), **common)
        if attempt.kind is AttemptKind.H5:
            scene = orders.SceneInfo(payer_client_ip=payer.client_ip, h5_info=orders.H5Info(type="Wap"))
            return orders.OrderRequest(scene_info=scene, **common)
        return orders.OrderRequest(**common)

    def _invocation(self, client: PayClient, attempt: KeptAttempt, said: Any) -> tuple[dict[str, str], str]:
        at = self._uows.clock.now()
        match said:
            case orders.H5Answer():
                return {}, said.h5_url
            case orders.NativeAnswer():
                return {}, said.code_url
            case _ if attempt.kind is AttemptKind.APP:
                made: Any = invoke_app(client.signer, appid=attempt.app_id, prepay_id=said.prepay_id, at=at)
            case _:
                made = invoke_jsapi(client.signer, appid=attempt.app_id, prepay_id=said.prepay_id, at=at)
        return dict(msgspec.to_builtins(made)), ""

    def _payer(self, attempt: KeptAttempt) -> _Payer:
        return msgspec.json.decode(
            self._keyring.open(attempt.payer_sealed, context=PAYER_CONTEXT), type=_Payer
        )


async def _lock(queries: PaymentQueries, payment_id: PaymentId) -> KeptPayment:
    payment = await queries.lock(payment_id)
    if payment is None:
        shown = encode_id(PAYMENT_PREFIX, payment_id)
        raise UnknownPayment(f"no payment {shown}", message_zh="没有这笔支付")
    return payment


def _content(payment: KeptPayment) -> tuple[object, ...]:
    return (
        payment.merchant_id,
        payment.amount_minor,
        payment.currency,
        payment.description,
        payment.expires_at,
    )


def _require_payer(command: StartAttempt) -> None:
    if command.kind is AttemptKind.JSAPI and not command.openid:
        raise MissingPayer("JSAPI needs the payer's openid", message_zh="JSAPI 支付需要 openid")
    if command.kind is AttemptKind.H5 and not command.client_ip:
        raise MissingPayer("H5 needs the payer's address", message_zh="H5 支付需要用户 IP")


def _not_payable(settled: Settled) -> NotPayable:
    return NotPayable(
        f"the payment is {settled.payment.state.value}, this attempt {settled.attempt.state.value}",
        message_zh="该支付已完成或已关闭",
    )
