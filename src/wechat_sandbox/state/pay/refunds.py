"""Refunds: accepted at once, done a moment later, sometimes abnormal.

Source: refund pages (2025-02, 2025-03) and the skills repository: at most 50 for one order, a minute
apart, within a year, never more than was paid.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wechat_sandbox.clock import DAY_S, china_time
from wechat_sandbox.state.pay.agenda import when
from wechat_sandbox.state.pay.merchants import Merchant
from wechat_sandbox.state.pay.orders import PAID, Order, Orders, TradeState
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import OTHER_PARAMETERS, PayError

WINDOW_S = 365.0 * DAY_S
COUNT_MAX = 50
GAP_S = 60.0
_ACCOUNTS = ("支付用户零钱", "招商银行借记卡0403", "工商银行信用卡0403", "建设银行借记卡0403")


Follow = Callable[[Pay, Order, "Refund", float], None]
_FOLLOWS: list[Follow] = []


def after_refund(follow: Follow) -> Follow:
    """Declare what follows from every refund whose money has arrived."""
    _FOLLOWS.append(follow)
    return follow


class RefundState(StrEnum):
    """``status`` on the wire."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    ABNORMAL = "ABNORMAL"
    CLOSED = "CLOSED"


@dataclass(slots=True, kw_only=True)
class Refund:
    """One refund. Money in fen."""

    refund_id: str
    out_refund_no: str
    mchid: str
    transaction_id: str
    out_trade_no: str
    amount: int
    total: int
    digest: str
    created_at: float
    notify_url: str
    user_received_account: str
    payer_refund: int
    payer_total: int
    settlement_refund: int
    settlement_total: int
    fee_back: int = 0
    from_frozen: int = 0  # Part of it that was still frozen for profit sharing.
    reason: str = ""
    currency: str = "CNY"
    status: RefundState = RefundState.PROCESSING
    channel: str = "ORIGINAL"
    funds_account: str = "AVAILABLE"
    sources: list[dict[str, Any]] = field(default_factory=list)
    promotions: list[dict[str, Any]] = field(default_factory=list)
    success_at: float = 0.0

    def wire(self) -> dict[str, Any]:
        """Return the refund as queries show it."""
        shown: dict[str, Any] = {
            "refund_id": self.refund_id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": self.transaction_id,
            "out_trade_no": self.out_trade_no,
            "channel": self.channel,
            "user_received_account": self.user_received_account,
            "create_time": china_time(self.created_at),
            "status": self.status.value,
            "funds_account": self.funds_account,
            "amount": self._amount(),
        }
        if self.status is RefundState.SUCCESS:
            shown["success_time"] = china_time(self.success_at)
        return shown | ({"promotion_detail": self.promotions} if self.promotions else {})

    def notice(self) -> dict[str, Any]:
        """Return what the callback says."""
        shown: dict[str, Any] = {
            "mchid": self.mchid,
            "out_trade_no": self.out_trade_no,
            "transaction_id": self.transaction_id,
            "out_refund_no": self.out_refund_no,
            "refund_id": self.refund_id,
            "refund_status": self.status.value,
            "user_received_account": self.user_received_account,
            "amount": {
                "total": self.total,
                "refund": self.amount,
                "payer_total": self.payer_total,
                "payer_refund": self.payer_refund,
            },
        }
        if self.status is RefundState.SUCCESS:
            shown["success_time"] = china_time(self.success_at)
        return shown

    def _amount(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "refund": self.amount,
            "from": self.sources,
            "payer_total": self.payer_total,
            "payer_refund": self.payer_refund,
            "settlement_refund": self.settlement_refund,
            "settlement_total": self.settlement_total,
            "discount_refund": self.amount - self.payer_refund,
            "currency": self.currency,
            "refund_fee": self.fee_back,
        }


class Refunds:
    """All refunds. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self.orders = Orders(pay)
        self._shelf = Shelf(pay.store, "pay_refund", Refund)
        self._by_id = Shelf(pay.store, "pay_refund_id", tuple[str, str])
        self._by_time = Shelf(pay.store, "pay_refund_time", str)
        self._next_fate = Shelf(pay.store, "pay_refund_fate", RefundState)

    def find(self, mchid: str, out_refund_no: str) -> Refund | None:
        return self._shelf.find(mchid, out_refund_no)

    def find_by_id(self, refund_id: str) -> Refund | None:
        place = self._by_id.find("", refund_id)
        return None if place is None else self.find(*place)

    def all(self, mchid: str) -> list[Refund]:
        return self._shelf.values(mchid)

    def created_between(self, mchid: str, since: float, until: float) -> list[Refund]:
        """Return the refunds asked for in a period, in the order of time."""
        found = self._by_time.between(mchid, f"{since:017.3f}", f"{until:017.3f}")
        return [refund for _, number in found if (refund := self.find(mchid, number)) is not None]

    def make(
        self,
        merchant: Merchant,
        order: Order,
        *,
        out_refund_no: str,
        amount: int,
        digest: str,
        at: float,
        notify_url: str = "",
        reason: str = "",
    ) -> Refund:
        """Accept a refund; the same number with the same content returns the one there is.

        Raises:
            PayError: other content, not paid, too much, too often, too late, or no money for it.
        """
        known = self.find(merchant.mchid, out_refund_no)
        if known is not None:
            if known.digest != digest:
                raise PayError(
                    "INVALID_REQUEST", "退款单号相同,但参数与首次请求不一致", reason=OTHER_PARAMETERS
                )
            return known
        _check(order, amount, at)
        refund = self._draft(merchant, order, out_refund_no, amount, digest, at)
        refund.notify_url, refund.reason = notify_url or merchant.refund_notify_url, reason
        self._take_money(order, refund, at)
        order.state = TradeState.REFUND
        order.refunded += amount
        order.refunds += 1
        order.last_refund_at = at
        self.orders.save(order)
        self.save(refund)
        self._by_id.put("", refund.refund_id, (refund.mchid, refund.out_refund_no))
        self._by_time.put(refund.mchid, f"{at:017.3f} {refund.refund_id}", refund.out_refund_no)
        self._plan(merchant, refund, at)
        return refund

    def save(self, refund: Refund) -> None:
        self._shelf.put(refund.mchid, refund.out_refund_no, refund)

    def retry(self, merchant: Merchant, refund: Refund, at: float, *, channel: str, account: str) -> None:
        """Send an abnormal refund another way."""
        if refund.status is not RefundState.ABNORMAL:
            raise PayError("INVALID_REQUEST", "只有异常的退款单可以发起异常退款处理")
        refund.status, refund.channel, refund.user_received_account = RefundState.PROCESSING, channel, account
        self.save(refund)
        self._plan(merchant, refund, at)

    def decide_next(self, mchid: str, fate: RefundState) -> None:
        """Let the next refund of a merchant end this way."""
        self._next_fate.put(mchid, "next", fate)

    def finish(self, refund: Refund, at: float) -> None:
        """The money arrives, or does not: then the merchant has it back or must act."""
        if refund.status is not RefundState.PROCESSING:
            return
        refund.status = self._next_fate.find(refund.mchid, "next") or RefundState.SUCCESS
        self._next_fate.drop(refund.mchid, "next")
        if refund.status is RefundState.SUCCESS:
            refund.success_at = at
            self._follow(refund, at)
        elif refund.status is RefundState.CLOSED:
            self._give_back(refund, at)
        self.save(refund)
        self.pay.notices.post(
            self.pay.merchants.get(refund.mchid),
            refund.notify_url,
            f"REFUND.{refund.status}",
            refund.notice(),
            at=at,
            original_type="refund",
            summary={"SUCCESS": "退款成功", "ABNORMAL": "退款异常"}.get(refund.status, "退款关闭"),
        )

    def _follow(self, refund: Refund, at: float) -> None:
        order = self.orders.find(refund.mchid, refund.out_trade_no)
        assert order is not None
        for follow in _FOLLOWS:
            follow(self.pay, order, refund, at)

    def _plan(self, merchant: Merchant, refund: Refund, at: float) -> None:
        self.pay.agenda.plan(at + merchant.refund_takes_s, "finish_refund", refund.refund_id)

    def _draft(
        self, merchant: Merchant, order: Order, number: str, amount: int, digest: str, at: float
    ) -> Refund:
        left = order.total - order.refunded
        is_last = amount == left
        before = self._sums(order)
        payer = _share(order.payer_total, amount, order.total, before["payer"], is_last=is_last)
        settled = _share(order.settlement_total, amount, order.total, before["settled"], is_last=is_last)
        fee = _share(order.fee, amount, order.total, before["fee"], is_last=is_last)
        account = _ACCOUNTS[0] if order.person is None else _ACCOUNTS[order.person % len(_ACCOUNTS)]
        return Refund(
            refund_id=self.pay.digits("50300", at, 29),
            out_refund_no=number,
            mchid=merchant.mchid,
            transaction_id=order.transaction_id,
            out_trade_no=order.out_trade_no,
            amount=amount,
            total=order.total,
            digest=digest,
            created_at=at,
            notify_url="",
            user_received_account=account,
            payer_refund=payer,
            payer_total=order.payer_total,
            settlement_refund=settled,
            settlement_total=order.settlement_total,
            fee_back=fee,
        )

    def _sums(self, order: Order) -> dict[str, int]:
        """Return what earlier refunds gave back, so that parts sum to the whole."""
        done = [
            one
            for one in self.created_between(order.mchid, order.paid_at, float("1e12"))
            if one.out_trade_no == order.out_trade_no and one.status is not RefundState.CLOSED
        ]
        return {
            "payer": sum(one.payer_refund for one in done),
            "settled": sum(one.settlement_refund for one in done),
            "fee": sum(one.fee_back for one in done),
        }

    def _take_money(self, order: Order, refund: Refund, at: float) -> None:
        funds, needed = self.pay.funds, refund.settlement_refund - refund.fee_back
        if order.frozen and needed > order.frozen:
            raise PayError("INVALID_REQUEST", "退款金额大于分账订单的冻结金额,请先解冻剩余资金")
        refund.from_frozen = min(order.frozen, needed)
        if funds.balance(order.mchid).available + refund.from_frozen < needed:
            raise PayError("NOT_ENOUGH", "账户可用余额不足,退款失败")
        if refund.from_frozen:
            funds.freeze(order.mchid, -refund.from_frozen)
            order.frozen -= refund.from_frozen
        self._move(refund, -1, at)

    def _give_back(self, refund: Refund, at: float) -> None:
        self._move(refund, 1, at)
        order = self.orders.find(refund.mchid, refund.out_trade_no)
        if order is not None:
            order.refunded -= refund.amount
            self.orders.save(order)

    def _move(self, refund: Refund, sign: int, at: float) -> None:
        """Take the money and give the fee back in one movement, or the other way round."""
        self.pay.funds.move(
            refund.mchid,
            sign * (refund.settlement_refund - refund.fee_back),
            at=at,
            name="退款" if sign < 0 else "退款关闭退回",
            kind="退款",
            ref=refund.refund_id,
            voucher=refund.out_refund_no,
            remark=f"退款总金额{refund.amount / 100:.2f}元;含手续费{refund.fee_back / 100:.2f}元",
        )


def _check(order: Order, amount: int, at: float) -> None:
    if order.state not in PAID:
        raise PayError("INVALID_REQUEST", "订单未支付,不能退款")
    if at > order.paid_at + WINDOW_S:
        raise PayError("INVALID_REQUEST", "订单已超过一年,不能退款")
    if order.refunds >= COUNT_MAX:
        raise PayError("INVALID_REQUEST", f"一笔订单最多退款 {COUNT_MAX} 次")
    if order.refunds and at < order.last_refund_at + GAP_S:
        raise PayError("FREQUENCY_LIMITED", "同一订单两次退款应间隔一分钟以上")
    if amount > order.total - order.refunded:
        raise PayError("INVALID_REQUEST", "申请退款金额大于订单剩余可退金额")


def _share(whole: int, amount: int, total: int, before: int, *, is_last: bool) -> int:
    """Return the part of a sum that belongs to a refund; the last one takes what is left."""
    return whole - before if is_last else whole * amount // total


@when("finish_refund")
def _finish(pay: Pay, ref: str, at: float) -> None:
    refunds = Refunds(pay)
    refund = refunds.find_by_id(ref)
    if refund is not None:
        refunds.finish(refund, at)
