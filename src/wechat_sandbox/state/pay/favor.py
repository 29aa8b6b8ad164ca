"""Cash coupons (代金券): stocks with a budget, coupons of people, and how payments use them up.

Source: cash-coupon models of the official SDKs and the website tree (2026-08). A coupon is used by paying:
there is no call for it.
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.clock import china_day, china_time
from wechat_sandbox.state.pay import favor_rules
from wechat_sandbox.state.pay.orders import Order
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.pay.promotions import Discount, discounts
from wechat_sandbox.state.pay.refunds import Refund, after_refund
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError
from wechat_sandbox.wire.pay.fields import read_moment

UNACTIVATED, RUNNING, PAUSED, STOPPED = "unactivated", "running", "paused", "stoped"
SENT, USED, EXPIRED = "SENDED", "USED", "EXPIRED"
PERSON_MONTH_MAX = 500_000  # Five thousand yuan from one merchant.
_ECHOED = (
    "stock_name", "comment", "belong_merchant", "available_begin_time", "available_end_time",
    "stock_use_rule", "coupon_use_rule", "no_cash", "stock_type",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class FavorStock:
    """One stock; ``body`` is the request that made it. Money in fen."""

    stock_id: str
    mchid: str
    body: dict[str, Any]
    created_at: float
    status: str = UNACTIVATED
    started_at: float = 0.0
    stopped_at: float = 0.0
    sent: int = 0
    sent_amount: int = 0
    sent_by_day: dict[str, int] = field(default_factory=dict)

    @property
    def rule(self) -> dict[str, Any]:
        return dict(self.body["coupon_use_rule"])

    @property
    def amount(self) -> int:
        return int(self.rule.get("fixed_normal_coupon", {}).get("coupon_amount", 0))

    @property
    def minimum(self) -> int:
        return int(self.rule.get("fixed_normal_coupon", {}).get("transaction_minimum", 0))

    @property
    def budget(self) -> int:
        return int(self.body["stock_use_rule"]["max_amount"])

    @property
    def begins_at(self) -> float:
        return read_moment(self.body["available_begin_time"])

    @property
    def ends_at(self) -> float:
        return read_moment(self.body["available_end_time"])

    def wire(self) -> dict[str, Any]:
        shown: dict[str, Any] = {name: self.body[name] for name in _ECHOED if name in self.body}
        shown |= {
            "stock_id": self.stock_id,
            "stock_creator_mchid": self.mchid,
            "status": self.status,
            "create_time": china_time(self.created_at),
            "description": self.body.get("pattern_info", {}).get("description", ""),
            "distributed_coupons": self.sent,
            "singleitem": bool(self.rule.get("available_items")),
        }
        if self.started_at:
            shown["start_time"] = china_time(self.started_at)
        return shown | ({"stop_time": china_time(self.stopped_at)} if self.stopped_at else {})


@dataclass(slots=True, kw_only=True)
class FavorCoupon:
    """One coupon of a person."""

    coupon_id: str
    stock_id: str
    mchid: str  # Who made the stock.
    sender: str
    appid: str
    openid: str
    created_at: float
    begins_at: float
    ends_at: float
    amount: int
    minimum: int
    request_no: str
    status: str = SENT
    used_at: float = 0.0
    consume_mchid: str = ""
    transaction_id: str = ""
    goods: list[dict[str, Any]] = field(default_factory=list)  # What it took off each of the goods.
    # The last time its money went back with that of a payment.
    recovered_at: float = 0.0
    recovered_from: str = ""
    recovered_mchid: str = ""

    def state(self, at: float) -> str:
        return EXPIRED if self.status == SENT and at >= self.ends_at else self.status


class Favor:
    """All stocks and coupons. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self.stocks = Shelf(pay.store, "pay_favor_stock", FavorStock)
        self.requests = Shelf(pay.store, "pay_favor_request", str)  # Of making and of sending.
        self._owners = Shelf(pay.store, "pay_favor_owner", str)
        self._coupons = Shelf(pay.store, "pay_favor_coupon", FavorCoupon)  # By openid.

    def keep(self, stock: FavorStock) -> None:
        self.stocks.put(stock.mchid, stock.stock_id, stock)
        self._owners.put("", stock.stock_id, stock.mchid)

    def find(self, stock_id: str, at: float) -> FavorStock | None:
        """Return a stock; one whose time is over has stopped."""
        stock = self.stocks.find(self._owners.find("", stock_id) or "", stock_id)
        if stock is not None and stock.status in (RUNNING, PAUSED) and at >= stock.ends_at:
            self.stop(stock, stock.ends_at)
        return stock

    def activate(self, stock: FavorStock, at: float) -> None:
        """Let a stock run; its budget is set aside from the maker's money unless the merchant bears it."""
        if stock.status == RUNNING:
            return
        if stock.status != UNACTIVATED:
            raise PayError("INVALID_REQUEST", "当前状态的批次不能激活")
        if not stock.body["no_cash"]:
            self.pay.funds.freeze(stock.mchid, stock.budget)
        stock.status, stock.started_at = RUNNING, at
        self.keep(stock)

    def stop(self, stock: FavorStock, at: float) -> None:
        """End a stock; what is left of its budget is free again."""
        coupons = self.all_coupons(stock)
        spent = sum(one.amount for one in coupons if one.status == USED)
        if not stock.body["no_cash"]:
            self.pay.funds.freeze(stock.mchid, spent - stock.budget)
        stock.status, stock.stopped_at = STOPPED, at
        for one in coupons:
            if one.status == SENT:
                one.ends_at = min(one.ends_at, at)
                self.save_coupon(one)
        self.keep(stock)

    def send(
        self, stock: FavorStock, *, sender: str, appid: str, openid: str, number: str, at: float
    ) -> FavorCoupon:
        """Give a person a coupon; the same number gives the same coupon."""
        key = f"send {stock.stock_id} {openid} {number}"
        known = self.coupon(openid, self.requests.find("", key) or "")
        if known is not None:
            return known
        self._check_room(stock, openid, at)
        begins, ends = favor_rules.period(stock.rule, stock.begins_at, stock.ends_at, at)
        made = FavorCoupon(
            coupon_id=str(10_000_000_000 + self.pay.ordinal()),
            stock_id=stock.stock_id,
            mchid=stock.mchid,
            sender=sender,
            appid=appid,
            openid=openid,
            created_at=at,
            begins_at=begins,
            ends_at=ends,
            amount=stock.amount,
            minimum=stock.minimum,
            request_no=number,
        )
        self.save_coupon(made)
        self.requests.put("", key, made.coupon_id)
        stock.sent += 1
        stock.sent_amount += made.amount
        day = china_day(at)
        stock.sent_by_day[day] = stock.sent_by_day.get(day, 0) + made.amount
        self.keep(stock)
        self.pay.note(appid, openid)
        return made

    def coupon(self, openid: str, coupon_id: str) -> FavorCoupon | None:
        return self._coupons.find(openid, coupon_id)

    def coupons_of(self, openid: str) -> list[FavorCoupon]:
        return self._coupons.values(openid)

    def all_coupons(self, stock: FavorStock) -> list[FavorCoupon]:
        """Return every coupon of a stock."""
        owners = Shelf(self.pay.store, f"pay_favor_holder:{stock.stock_id}", str)
        found = (self.coupon(openid, coupon_id) for coupon_id, openid in owners.items(""))
        return [one for one in found if one is not None]

    def save_coupon(self, coupon: FavorCoupon) -> None:
        self._coupons.put(coupon.openid, coupon.coupon_id, coupon)
        owners = Shelf(self.pay.store, f"pay_favor_holder:{coupon.stock_id}", str)
        owners.put("", coupon.coupon_id, coupon.openid)

    def wire(self, coupon: FavorCoupon, at: float) -> dict[str, Any]:
        """Return a coupon as its holder's list shows it."""
        stock = self.find(coupon.stock_id, at)
        assert stock is not None
        shown: dict[str, Any] = {
            "stock_creator_mchid": coupon.mchid,
            "stock_id": coupon.stock_id,
            "coupon_id": coupon.coupon_id,
            "coupon_name": stock.body["stock_name"],
            "status": coupon.state(at),
            "description": stock.body.get("pattern_info", {}).get("description", ""),
            "create_time": china_time(coupon.created_at),
            "coupon_type": "NORMAL",
            "no_cash": stock.body["no_cash"],
            "singleitem": bool(stock.rule.get("available_items")),
            "available_begin_time": china_time(coupon.begins_at),
            "available_end_time": china_time(coupon.ends_at),
            "normal_coupon_information": {
                "coupon_amount": coupon.amount,
                "transaction_minimum": coupon.minimum,
            },
        }
        if coupon.status == USED:
            shown["consume_information"] = {
                "consume_time": china_time(coupon.used_at),
                "consume_mchid": coupon.consume_mchid,
                "transaction_id": coupon.transaction_id,
            }
            if coupon.goods:
                shown["consume_information"]["goods_detail"] = [_consumed(one) for one in coupon.goods]
        return shown

    def use(self, coupon: FavorCoupon, order: Order, at: float) -> Discount:
        """Spend a coupon on a payment, and tell who made it."""
        stock = self.find(coupon.stock_id, at)
        assert stock is not None
        coupon.status, coupon.used_at = USED, at
        coupon.consume_mchid, coupon.transaction_id = order.mchid, order.transaction_id
        coupon.goods = favor_rules.goods_off(stock.rule, order, coupon.amount)
        self.save_coupon(coupon)
        bears = coupon.amount if stock.body["no_cash"] else 0
        if not bears:
            self.pay.funds.freeze(stock.mchid, -coupon.amount)
            self._move(stock.mchid, -coupon.amount, "代金券", coupon, at)
        self._tell(stock, coupon, at)
        shown = {
            "coupon_id": coupon.coupon_id,
            "name": stock.body["stock_name"],
            "scope": "SINGLE" if stock.rule.get("available_items") else "GLOBAL",
            "type": "NOCASH" if bears else "CASH",
            "amount": coupon.amount,
            "stock_id": coupon.stock_id,
            "wechatpay_contribute": 0,
            "merchant_contribute": coupon.amount,
            "other_contribute": 0,
            "currency": order.currency,
        }
        shown |= {"goods_detail": coupon.goods} if coupon.goods else {}
        return Discount(shown=shown, amount=coupon.amount, merchant_bears=bears)

    def recover(self, coupon: FavorCoupon, refund: Refund, at: float) -> None:
        """Give a coupon back with the money of a payment that was refunded in full."""
        stock = self.find(coupon.stock_id, at)
        assert stock is not None
        cash = refund.settlement_total - refund.payer_total
        if not stock.body["no_cash"]:
            self._move(stock.mchid, min(cash, coupon.amount), "代金券退回", coupon, at)
        coupon.recovered_at = at
        coupon.recovered_from, coupon.recovered_mchid = coupon.transaction_id, coupon.consume_mchid
        if at < coupon.ends_at and stock.status == RUNNING:
            if not stock.body["no_cash"]:
                self.pay.funds.freeze(stock.mchid, coupon.amount)
            coupon.status, coupon.transaction_id, coupon.consume_mchid = SENT, "", ""
        self.save_coupon(coupon)

    def _check_room(self, stock: FavorStock, openid: str, at: float) -> None:
        rule = stock.body["stock_use_rule"]
        if stock.status != RUNNING or at < stock.begins_at:
            raise PayError("INVALID_REQUEST", "批次未处于运行中")
        mine = [one for one in self.coupons_of(openid) if one.stock_id == stock.stock_id]
        if len(mine) >= rule["max_coupons_per_user"]:
            raise PayError("RULE_LIMIT", "用户领取数量达到上限")
        month = china_day(at)[:7]
        got = [one for one in self.coupons_of(openid) if one.mchid == stock.mchid]
        amounts = [one.amount for one in got if china_day(one.created_at)[:7] == month]
        if sum(amounts) + stock.amount > PERSON_MONTH_MAX:
            raise PayError("RULE_LIMIT", "用户本月在该商户领取的金额达到上限")
        by_day = rule.get("max_amount_by_day")
        today = stock.sent_by_day.get(china_day(at), 0)
        if stock.sent >= rule["max_coupons"] or (by_day and today + stock.amount > by_day):
            raise PayError("NOT_ENOUGH", "批次预算不足")

    def _move(self, mchid: str, amount: int, name: str, coupon: FavorCoupon, at: float) -> None:
        self.pay.funds.move(
            mchid, amount, at=at, name=name, kind="代金券", ref=coupon.coupon_id, voucher=coupon.stock_id
        )

    def _tell(self, stock: FavorStock, coupon: FavorCoupon, at: float) -> None:
        merchant = self.pay.merchants.get(stock.mchid)
        content = self.wire(coupon, at)
        content["consume_information"]["consume_amount"] = coupon.amount
        self.pay.notices.post(
            merchant,
            merchant.favor_notify_url,
            "COUPON.USE",
            content,
            at=at,
            original_type="coupon",
            summary="代金券核销通知",
        )


@discounts
def _use_coupons(pay: Pay, order: Order, at: float) -> list[Discount]:
    """Use the best coupon that fits, and more of them where they combine."""
    favor, left = Favor(pay), order.total
    used: list[Discount] = []
    mine = [one for one in favor.coupons_of(order.payer_openid) if one.state(at) == SENT]
    for coupon in sorted(mine, key=lambda one: -one.amount):
        stock = favor.find(coupon.stock_id, at)
        fits = stock is not None and coupon.begins_at <= at and _fits(pay, stock, order, at)
        if stock is None or not fits or coupon.amount >= left or order.total < coupon.minimum:
            continue
        if used and not stock.rule.get("combine_use"):
            continue
        used.append(favor.use(coupon, order, at))
        left -= coupon.amount
        if not stock.rule.get("combine_use"):
            break
    return used


def _fits(pay: Pay, stock: FavorStock, order: Order, at: float) -> bool:
    account = pay.account(order.appid)
    merchants = stock.rule.get("available_merchants") or [stock.body["belong_merchant"], stock.mchid]
    in_mini_program = account is not None and account.is_mini_program
    return order.mchid in merchants and favor_rules.fits(
        stock.rule, order, at, in_mini_program=in_mini_program
    )


def _consumed(one: dict[str, Any]) -> dict[str, Any]:
    """Write what was taken off one of the goods as a coupon tells it."""
    shown = {name: one[name] for name in ("goods_id", "quantity", "discount_amount")}
    return shown | {"price": one["unit_price"]}


@after_refund
def _recover(pay: Pay, order: Order, refund: Refund, at: float) -> None:
    if order.refunded < order.total:
        return
    favor = Favor(pay)
    for one in order.promotions:
        coupon = favor.coupon(order.payer_openid, one["coupon_id"])
        if coupon is not None and coupon.transaction_id == order.transaction_id:
            favor.recover(coupon, refund, at)
