"""Sharing the profit of an order: receivers, shares, returns, and freeing what is left.

Source: profit-sharing guide of the skills repository (2026-04). A payment marked for it keeps its money
frozen; shares may be asked for a minute after it and for thirty days, then the rest is freed by itself.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wechat_sandbox.clock import DAY_S, china_day, china_time
from wechat_sandbox.state.pay.agenda import when
from wechat_sandbox.state.pay.cashier import after_payment
from wechat_sandbox.state.pay.merchants import Merchant
from wechat_sandbox.state.pay.orders import PAID, Order, Orders
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import OTHER_PARAMETERS, PayError

EARLIEST_S = 60.0
WINDOW_S = 30.0 * DAY_S
RETURN_WINDOW_S = 180.0 * DAY_S
SPLITS_MAX = 50
RECEIVERS_MAX = 20_000
_TAKES_S = 1.0
MERCHANT, PERSON = "MERCHANT_ID", "PERSONAL_OPENID"
PERSON_MONTH_MAX = 20_000_000  # Two hundred thousand yuan.
FAIL_REASONS = frozenset(
    {
        "ACCOUNT_ABNORMAL", "NO_RELATION", "RECEIVER_HIGH_RISK", "RECEIVER_REAL_NAME_NOT_VERIFIED", "NO_AUTH",
        "RECEIVER_RECEIPT_LIMIT", "PAYER_ACCOUNT_ABNORMAL", "INVALID_REQUEST",
    }
)  # fmt: skip


class ShareResult(StrEnum):
    """``result`` of one receiver."""

    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody a merchant may give money to."""

    type: str
    account: str
    relation_type: str
    name: str = ""
    custom_relation: str = ""


@dataclass(slots=True, kw_only=True)
class Share:
    """One receiver of a share order. Money in fen."""

    type: str
    account: str
    amount: int
    description: str
    detail_id: str
    create_at: float
    result: ShareResult = ShareResult.PENDING
    fail_reason: str = ""
    finish_at: float = 0.0

    def wire(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "type": self.type,
            "account": self.account,
            "amount": self.amount,
            "description": self.description,
            "result": self.result.value,
            "detail_id": self.detail_id,
            "create_time": china_time(self.create_at),
        }
        if self.result is not ShareResult.PENDING:
            shown["finish_time"] = china_time(self.finish_at)
        return shown | ({"fail_reason": self.fail_reason} if self.fail_reason else {})


@dataclass(slots=True, kw_only=True)
class ShareOrder:
    """One request to share; also freeing the rest is one."""

    order_id: str
    out_order_no: str
    mchid: str
    transaction_id: str
    digest: str
    created_at: float
    frees_rest: bool
    shares: list[Share] = field(default_factory=list)
    state: str = "PROCESSING"

    def wire(self) -> dict[str, Any]:
        return {
            "transaction_id": self.transaction_id,
            "out_order_no": self.out_order_no,
            "order_id": self.order_id,
            "state": self.state,
            "receivers": [share.wire() for share in self.shares],
        }


@dataclass(slots=True, kw_only=True)
class ShareReturn:
    """Money a merchant that received it gives back."""

    return_id: str
    out_return_no: str
    mchid: str
    order_id: str
    out_order_no: str
    return_mchid: str
    amount: int
    description: str
    digest: str
    created_at: float
    result: str = "SUCCESS"
    fail_reason: str = ""

    def wire(self) -> dict[str, Any]:
        names = (
            "order_id",
            "out_order_no",
            "out_return_no",
            "return_id",
            "return_mchid",
            "amount",
            "description",
        )
        shown: dict[str, Any] = {name: getattr(self, name) for name in names}
        shown |= {"amount": self.amount, "description": self.description}
        shown |= {"result": self.result, "create_time": china_time(self.created_at)}
        shown["finish_time"] = china_time(self.created_at)
        return shown | ({"fail_reason": self.fail_reason} if self.fail_reason else {})


class Sharing:
    """Receivers, share orders and returns. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self.payments = Orders(pay)
        self.receivers = Shelf(pay.store, "pay_receiver", Receiver)
        self._orders = Shelf(pay.store, "pay_share_order", ShareOrder)
        self._returns = Shelf(pay.store, "pay_share_return", ShareReturn)
        self._by_id = Shelf(pay.store, "pay_share_id", tuple[str, str])
        self._received = Shelf(pay.store, "pay_share_received", int)  # By person: month → fen.
        self._next_fate = Shelf(pay.store, "pay_share_fate", str)

    def find(self, mchid: str, out_order_no: str) -> ShareOrder | None:
        return self._orders.find(mchid, out_order_no)

    def find_by_id(self, order_id: str) -> ShareOrder | None:
        place = self._by_id.find("", order_id)
        return None if place is None else self.find(*place)

    def find_return(self, mchid: str, out_return_no: str) -> ShareReturn | None:
        return self._returns.find(mchid, out_return_no)

    def orders(self, mchid: str) -> list[ShareOrder]:
        return self._orders.values(mchid)

    def returns(self, mchid: str) -> list[ShareReturn]:
        return self._returns.values(mchid)

    def payment(self, mchid: str, transaction_id: str) -> Order:
        """Return the payment whose profit is shared."""
        found = self.payments.find_transaction(transaction_id)
        if found is None or found.mchid != mchid or found.state not in PAID:
            raise PayError("RESOURCE_NOT_EXISTS", "订单不存在")
        return found

    def share(
        self,
        merchant: Merchant,
        order: Order,
        *,
        out_order_no: str,
        shares: list[dict[str, Any]],
        frees_rest: bool,
        digest: str,
        at: float,
    ) -> ShareOrder:
        """Accept a share order; it is worked off a moment later.

        Raises:
            PayError: the number with other content, or a rule of time, number or amount is broken.
        """
        known = self.find(merchant.mchid, out_order_no)
        if known is not None:
            if known.digest != digest:
                raise PayError("INVALID_REQUEST", "分账单号相同,但参数不一致", reason=OTHER_PARAMETERS)
            return known
        total = sum(one["amount"] for one in shares)
        _check(merchant, order, total, at, only_frees=not shares)
        made = ShareOrder(
            order_id=self.pay.digits("3008", at, 28),
            out_order_no=out_order_no,
            mchid=merchant.mchid,
            transaction_id=order.transaction_id,
            digest=digest,
            created_at=at,
            frees_rest=frees_rest,
            shares=[self._share(one, at) for one in shares],
        )
        order.frozen -= total
        order.shared += total
        order.splits += 1
        self.payments.save(order)
        self._save(made)
        self.pay.agenda.plan(at + _TAKES_S, "finish_share", made.order_id)
        return made

    def finish(self, order: ShareOrder, at: float) -> None:
        """Give each receiver their part, or close it; then free the rest when asked to."""
        payment = self.payment(order.mchid, order.transaction_id)
        for share in order.shares:
            self._settle(order, payment, share, at)
        order.state = "FINISHED"
        if order.frees_rest:
            self.free(payment)
        self.payments.save(payment)
        self._save(order)

    def free(self, payment: Order) -> None:
        """Free what is still frozen of a payment."""
        self.pay.funds.freeze(payment.mchid, -payment.frozen)
        payment.frozen, payment.profit_sharing = 0, False

    def give_back(
        self, merchant: Merchant, order: ShareOrder, values: dict[str, Any], *, digest: str, at: float
    ) -> ShareReturn:
        """Take money back from a merchant that received it, at once."""
        known = self.find_return(merchant.mchid, values["out_return_no"])
        if known is not None:
            if known.digest != digest:
                raise PayError("INVALID_REQUEST", "回退单号相同,但参数不一致", reason=OTHER_PARAMETERS)
            return known
        self._check_return(order, values, at)
        made = ShareReturn(
            return_id=self.pay.digits("3008", at, 28),
            out_return_no=values["out_return_no"],
            mchid=merchant.mchid,
            order_id=order.order_id,
            out_order_no=order.out_order_no,
            return_mchid=values["return_mchid"],
            amount=values["amount"],
            description=values["description"],
            digest=digest,
            created_at=at,
        )
        if self.pay.funds.balance(made.return_mchid).available < made.amount:
            made.result, made.fail_reason = "FAILED", "BALANCE_NOT_ENOUGH"
        else:
            self._move(made.return_mchid, -made.amount, "分账回退", made.return_id, made.out_return_no, at)
            self._move(made.mchid, made.amount, "分账回退", made.return_id, made.out_return_no, at)
            receiver = {"type": MERCHANT, "account": made.return_mchid}
            shown = {"amount": made.amount, "description": made.description}
            self._tell(order, "PROFITSHARING.RETURN", receiver | shown, at)
        self._returns.put(made.mchid, made.out_return_no, made)
        return made

    def _check_return(self, order: ShareOrder, values: dict[str, Any], at: float) -> None:
        given = sum(
            share.amount
            for share in order.shares
            if (share.type, share.account, share.result)
            == (MERCHANT, values["return_mchid"], ShareResult.SUCCESS)
        )
        back = [one for one in self.returns(order.mchid) if one.order_id == order.order_id]
        returned = sum(
            one.amount
            for one in back
            if one.return_mchid == values["return_mchid"] and one.result == "SUCCESS"
        )
        giver = self.pay.merchants.find(values["return_mchid"])
        if not given or giver is None:
            raise PayError("INVALID_REQUEST", "回退商户不是该分账单的接收方")
        if not giver.returns_profit_sharing:
            raise PayError("NO_AUTH", "回退商户未开通分账回退")
        if at > order.created_at + RETURN_WINDOW_S or len(back) >= SPLITS_MAX:
            raise PayError("INVALID_REQUEST", "超过分账回退的期限或次数")
        if values["amount"] > given - returned:
            raise PayError("INVALID_REQUEST", "回退金额大于剩余可回退金额")

    def _share(self, values: dict[str, Any], at: float) -> Share:
        return Share(
            type=values["type"],
            account=values["account"],
            amount=values["amount"],
            description=values["description"],
            detail_id=self.pay.digits("3601", at, 28),
            create_at=at,
        )

    def _settle(self, order: ShareOrder, payment: Order, share: Share, at: float) -> None:
        share.finish_at = at
        if reason := self._why_not(order, share, at):
            share.result, share.fail_reason = ShareResult.CLOSED, reason
            payment.frozen += share.amount
            payment.shared -= share.amount
            return
        share.result = ShareResult.SUCCESS
        self.pay.funds.freeze(order.mchid, -share.amount)
        self._move(order.mchid, -share.amount, "分账", share.detail_id, order.out_order_no, at)
        if share.type == MERCHANT and self.pay.merchants.find(share.account) is not None:
            self._move(share.account, share.amount, "分账", share.detail_id, order.out_order_no, at)
        shown = {name: getattr(share, name) for name in ("type", "account", "amount", "description")}
        self._tell(order, "PROFITSHARING.SUCCESS", shown, at)

    def decide_next(self, mchid: str, fail_reason: str) -> None:
        """Let the next receiver of a merchant get nothing for this reason."""
        self._next_fate.put(mchid, "next", fail_reason)

    def _why_not(self, order: ShareOrder, share: Share, at: float) -> str:
        """Return why a receiver gets nothing, empty when they get their part; it is counted then."""
        if self.receivers.find(order.mchid, f"{share.type}:{share.account}") is None:
            return "NO_RELATION"
        fate = self._next_fate.find(order.mchid, "next") or ""
        if fate:
            self._next_fate.drop(order.mchid, "next")
            return fate
        if share.type == PERSON:
            month = china_day(at)[:7]
            total = (self._received.find(share.account, month) or 0) + share.amount
            if total > PERSON_MONTH_MAX:
                return "RECEIVER_RECEIPT_LIMIT"
            self._received.put(share.account, month, total)
        return ""

    def _move(self, mchid: str, amount: int, name: str, ref: str, voucher: str, at: float) -> None:
        self.pay.funds.move(mchid, amount, at=at, name=name, kind=name, ref=ref, voucher=voucher)

    def _tell(self, order: ShareOrder, event: str, receiver: dict[str, Any], at: float) -> None:
        merchant = self.pay.merchants.get(order.mchid)
        content = {
            "mchid": order.mchid,
            "transaction_id": order.transaction_id,
            "order_id": order.order_id,
            "out_order_no": order.out_order_no,
            "receiver": receiver,
            "success_time": china_time(at),
        }
        self.pay.notices.post(
            merchant,
            merchant.sharing_notify_url,
            event,
            content,
            at=at,
            original_type="profitsharing",
            summary="分账成功" if event.endswith("SUCCESS") else "分账回退成功",
        )

    def _save(self, order: ShareOrder) -> None:
        self._orders.put(order.mchid, order.out_order_no, order)
        self._by_id.put("", order.order_id, (order.mchid, order.out_order_no))


def _check(merchant: Merchant, order: Order, total: int, at: float, *, only_frees: bool) -> None:
    if not order.profit_sharing:
        raise PayError("INVALID_REQUEST", "非分账订单,或剩余金额已解冻")
    if at < order.paid_at + EARLIEST_S:
        raise PayError("INVALID_REQUEST", "订单支付一分钟后才可以分账")
    if order.splits >= SPLITS_MAX:
        raise PayError("INVALID_REQUEST", f"一笔订单最多分账 {SPLITS_MAX} 次")
    if only_frees:
        return
    if (order.shared + total) * 10_000 > order.total * merchant.profit_sharing_max_bps:
        raise PayError("INVALID_REQUEST", "分账金额超过最大分账比例")
    if total > order.frozen:
        raise PayError("NOT_ENOUGH", "订单剩余待分金额不足")


@when("finish_share")
def _finish(pay: Pay, ref: str, at: float) -> None:
    sharing = Sharing(pay)
    order = sharing.find_by_id(ref)
    if order is not None and order.state == "PROCESSING":
        sharing.finish(order, at)


@after_payment
def _plan_freeing(pay: Pay, order: Order) -> None:
    if order.profit_sharing:
        pay.agenda.plan(order.paid_at + WINDOW_S, "free_rest", f"{order.mchid} {order.out_trade_no}")


@when("free_rest")
def _free_rest(pay: Pay, ref: str, at: float) -> None:
    mchid, _, number = ref.partition(" ")
    sharing = Sharing(pay)
    order = sharing.payments.find(mchid, number)
    if order is not None and order.profit_sharing:
        sharing.free(order)
        sharing.payments.save(order)
