"""Orders of merchants, single ones and those of a combined payment.

Source: payments models of the official SDKs and the order-state page of the skills repository (2026-04). An
order is never lost: it ends paid or closed, and refunds leave it REFUND for good.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from wechat_sandbox.clock import DAY_S, china_time
from wechat_sandbox.state.pay.agenda import when
from wechat_sandbox.state.pay.merchants import Merchant
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import OTHER_PARAMETERS, PayError

AUTO_CLOSE_S = 7.0 * DAY_S
PREPAY_S = 2 * 3600.0
H5_LINK_S = 300.0


class TradeState(StrEnum):
    """``trade_state`` on the wire."""

    NOTPAY = "NOTPAY"
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    USERPAYING = "USERPAYING"
    PAYERROR = "PAYERROR"


_TEXTS = {
    TradeState.NOTPAY: "订单未支付",
    TradeState.SUCCESS: "支付成功",
    TradeState.REFUND: "订单发生过退款,退款详情请查询退款单",
    TradeState.CLOSED: "订单已关闭",
    TradeState.REVOKED: "订单已撤销",
    TradeState.USERPAYING: "用户支付中,需要输入密码",
    TradeState.PAYERROR: "支付失败,请重新下单支付",
}
PAID = frozenset({TradeState.SUCCESS, TradeState.REFUND})
OPEN = frozenset({TradeState.NOTPAY, TradeState.USERPAYING})


@dataclass(slots=True, kw_only=True)
class Order:
    """One order. Money in fen, instants in virtual epoch seconds."""

    mchid: str
    appid: str
    out_trade_no: str
    trade_type: str
    description: str
    total: int
    notify_url: str
    created_at: float
    expires_at: float
    digest: str  # Of the first request: the same number must come with the same content.
    currency: str = "CNY"
    attach: str = ""
    goods_tag: str = ""
    goods: list[dict[str, Any]] = field(default_factory=list)
    limit_pay: list[str] = field(default_factory=list)
    device_id: str = ""
    profit_sharing: bool = False
    payer_openid: str = ""
    combine: tuple[str, str] | None = None  # Merchant and number of the combined payment it is part of.
    state: TradeState = TradeState.NOTPAY
    transaction_id: str = ""
    person: int | None = None
    bank_type: str = ""
    payer_total: int = 0
    settlement_total: int = 0  # What the merchant gets before the fee.
    fee: int = 0
    paid_at: float = 0.0
    promotions: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)  # What a person did at the cashier.
    guide_id: str = ""
    # Refunds.
    refunded: int = 0
    refunds: int = 0
    last_refund_at: float = 0.0
    # Profit sharing.
    frozen: int = 0
    shared: int = 0
    splits: int = 0

    @property
    def key(self) -> str:
        return self.out_trade_no

    def wire(self) -> dict[str, Any]:
        """Return the order as queries and callbacks show it."""
        shown: dict[str, Any] = {
            "appid": self.appid,
            "mchid": self.mchid,
            "out_trade_no": self.out_trade_no,
            "trade_state": self.state.value,
            "trade_state_desc": _TEXTS[self.state],
            "attach": self.attach,
        }
        if self.state not in PAID:
            shown["amount"] = {"total": self.total, "currency": self.currency}
            return shown | ({"payer": {"openid": self.payer_openid}} if self.payer_openid else {})
        shown |= self._payment()
        if self.device_id:
            shown["scene_info"] = {"device_id": self.device_id}
        return shown | ({"promotion_detail": self.promotions} if self.promotions else {})

    def _payment(self) -> dict[str, Any]:
        return {
            "transaction_id": self.transaction_id,
            "trade_type": self.trade_type,
            "bank_type": self.bank_type,
            "success_time": china_time(self.paid_at),
            "payer": {"openid": self.payer_openid},
            "amount": {
                "total": self.total,
                "payer_total": self.payer_total,
                "currency": self.currency,
                "payer_currency": self.currency,
            },
        }


@dataclass(slots=True, kw_only=True)
class Bundle:
    """A combined payment: its own number, and the orders that are paid all or none."""

    combine_appid: str
    combine_mchid: str
    combine_out_trade_no: str
    subs: list[tuple[str, str]]  # (mchid, out_trade_no)
    notify_url: str
    digest: str
    created_at: float
    payer_openid: str = ""
    device_id: str = ""
    transaction_id: str = ""  # Of the whole, once it is paid.


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepay:
    """What a client pays with; several may lead to one order."""

    prepay_id: str
    appid: str
    mchid: str  # Who invokes the client.
    number: str
    is_bundle: bool
    created_at: float
    code: str  # The end of a Native code, or of an H5 address.


class Orders:
    """All orders. Cheap to make: it holds no state of its own."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self._orders = Shelf(pay.store, "pay_order", Order)
        self._by_transaction = Shelf(pay.store, "pay_transaction", tuple[str, str])
        self._bundles = Shelf(pay.store, "pay_bundle", Bundle)
        self._prepays = Shelf(pay.store, "pay_prepay", Prepay)
        self._codes = Shelf(pay.store, "pay_code", str)
        self._newest = Shelf(pay.store, "pay_newest_prepay", str)  # By number, of each merchant.
        self._paid = Shelf(pay.store, "pay_paid", str)  # By instant, for bills.

    def find(self, mchid: str, out_trade_no: str) -> Order | None:
        return self._orders.find(mchid, out_trade_no)

    def find_transaction(self, transaction_id: str) -> Order | None:
        place = self._by_transaction.find("", transaction_id)
        return None if place is None else self.find(*place)

    def get(self, merchant: Merchant, *, transaction_id: str = "", out_trade_no: str = "") -> Order:
        """Return an order of a merchant, or refuse with ORDER_NOT_EXIST."""
        found = (
            self.find_transaction(transaction_id)
            if transaction_id
            else self.find(merchant.mchid, out_trade_no)
        )
        if found is None or found.mchid != merchant.mchid:
            raise PayError("ORDER_NOT_EXIST")
        return found

    def find_bundle(self, combine_mchid: str, number: str) -> Bundle | None:
        return self._bundles.find(combine_mchid, number)

    def subs(self, bundle: Bundle) -> list[Order]:
        return [order for mchid, number in bundle.subs if (order := self.find(mchid, number)) is not None]

    def save(self, order: Order) -> None:
        self._orders.put(order.mchid, order.out_trade_no, order)

    def save_bundle(self, bundle: Bundle) -> None:
        self._bundles.put(bundle.combine_mchid, bundle.combine_out_trade_no, bundle)

    def open(self, order: Order) -> None:
        """Keep a new order; time closes it when nobody pays."""
        self.save(order)
        self.pay.agenda.plan(
            max(order.created_at + AUTO_CLOSE_S, order.expires_at),
            "close_order",
            f"{order.mchid} {order.out_trade_no}",
        )

    def prepare(self, *, appid: str, mchid: str, number: str, is_bundle: bool, at: float) -> Prepay:
        """Hand out another way to pay for an order."""
        prepay = Prepay(
            prepay_id=self.pay.prepay_id(at),
            appid=appid,
            mchid=mchid,
            number=number,
            is_bundle=is_bundle,
            created_at=at,
            code=self.pay.token("code", 10),
        )
        self._prepays.put("", prepay.prepay_id, prepay)
        self._codes.put("", prepay.code, prepay.prepay_id)
        self._newest.put(mchid, number, prepay.prepay_id)
        self._show(prepay)
        return prepay

    def _show(self, prepay: Prepay) -> None:
        """Tell whoever plays people that one of them is asked to pay."""
        openid = next((one.payer_openid for one in self.orders_of(prepay)), "")
        account = self.pay.account(prepay.appid)
        relation = self.pay.world.find_relation(account, openid) if account and openid else None
        if relation is not None:
            self.pay.note(prepay.appid, openid)
            self.pay.on_prepared(prepay.appid, relation.person, prepay.prepay_id, prepay.created_at)

    def find_prepay(self, mark: str) -> Prepay | None:
        """Return a prepay by its id, by the end of a code, or by what a code or an address says."""
        for part in mark.replace("&", " ").replace("?", " ").split():
            name, _, value = part.rpartition("=")
            if name in ("pr", "prepay_id", ""):
                found = self._prepays.find("", self._codes.find("", value) or value)
                if found is not None:
                    return found
        return None

    def newest_prepay(self, mchid: str, number: str) -> Prepay | None:
        """Return the latest way to pay for a number."""
        return self._prepays.find("", self._newest.find(mchid, number) or "")

    def orders_of(self, prepay: Prepay) -> list[Order]:
        """Return what is paid with a prepay."""
        if prepay.is_bundle:
            bundle = self.find_bundle(prepay.mchid, prepay.number)
            return self.subs(bundle) if bundle else []
        order = self.find(prepay.mchid, prepay.number)
        return [order] if order else []

    def close(self, order: Order) -> None:
        """Close an unpaid order; closing again changes nothing."""
        if order.state in PAID:
            raise PayError("ORDER_PAID")
        order.state = TradeState.CLOSED
        self.save(order)

    def note_paid(self, order: Order) -> None:
        """Keep a payment so that it is found by its transaction and by its day."""
        self.save(order)
        self._by_transaction.put("", order.transaction_id, (order.mchid, order.out_trade_no))
        self._paid.put(order.mchid, f"{order.paid_at:017.3f} {order.transaction_id}", order.out_trade_no)

    def paid_between(self, mchid: str, since: float, until: float) -> list[Order]:
        """Return what was paid in a period, in the order of time."""
        numbers = self._paid.between(mchid, f"{since:017.3f}", f"{until:017.3f}")
        return [order for _, number in numbers if (order := self.find(mchid, number)) is not None]

    def all(self, mchid: str) -> list[Order]:
        return self._orders.values(mchid)

    def latest(self, mchid: str, count: int) -> list[Order]:
        return [order for _, order in self._orders.page(mchid, offset=0, count=count)]

    def prepays(self, count: int) -> list[Prepay]:
        """Return the latest prepays, newest first."""
        return [prepay for _, prepay in self._prepays.page("", offset=0, count=count)]


def check_repeat(order: Order, digest: str) -> None:
    """Refuse a number that is used up, or that comes again with other content."""
    if order.state in PAID:
        raise PayError("ORDER_PAID")
    if order.state is TradeState.REVOKED:
        raise PayError("ORDER_REVERSED")
    if order.state not in OPEN:
        raise PayError("ORDER_CLOSED")
    if order.digest != digest:
        raise PayError("INVALID_REQUEST", "商户订单号相同,但参数与首次请求不一致", reason=OTHER_PARAMETERS)


def digest_of(content: Any) -> str:
    """Return what two requests with the same content share."""
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


@when("close_order")
def _close_unpaid(pay: Pay, ref: str, at: float) -> None:
    mchid, _, number = ref.partition(" ")
    orders = Orders(pay)
    order = orders.find(mchid, number)
    if order is not None and order.state in OPEN:
        orders.close(order)
