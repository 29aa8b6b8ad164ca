"""PayScore (支付分): services first, money afterwards, on the strength of a person's score.

Source: PayScore guide of the skills repository (2026-04). An order waits for the person, runs, is
finished by the merchant with a sum within the risk fund, and is then paid by itself or by hand.
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.clock import DAY_S, china_time
from wechat_sandbox.state.pay.agenda import when
from wechat_sandbox.state.pay.cashier import BANKS
from wechat_sandbox.state.pay.orders import Order, Orders, TradeState
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf

CREATED, DOING, DONE, REVOKED, EXPIRED = "CREATED", "DOING", "DONE", "REVOKED", "EXPIRED"
CONFIRMED, COMPLETED = "USER_CONFIRM", "MCH_COMPLETE"
CONFIRM_S = 30.0 * DAY_S
_DEDUCT_S = 2.0


@dataclass(slots=True, kw_only=True)
class ServiceOrder:
    """One service order; ``body`` is the request, as completion changed it. Money in fen."""

    mchid: str
    out_order_no: str
    order_id: str
    body: dict[str, Any]
    created_at: float
    package: str
    digest: str
    openid: str = ""
    state: str = CREATED
    description: str = ""
    total: int = 0
    reason: str = ""
    paid_at: float = 0.0
    paid_type: str = ""
    transaction_id: str = ""

    def wire(self) -> dict[str, Any]:
        """Return the order as queries and callbacks show it."""
        hidden = ("notify_url", "need_user_confirm", "device", "profit_sharing", "goods_tag")
        shown = {name: value for name, value in self.body.items() if name not in hidden}
        shown |= {"mchid": self.mchid, "order_id": self.order_id, "state": self.state}
        if self.description and self.state == DOING:
            shown["state_description"] = self.description
        if self.openid:
            shown["openid"] = self.openid
        if self.description == COMPLETED or self.state == DONE:
            shown |= {"total_amount": self.total, "need_collection": self.total > 0}
            shown["collection"] = self._collection()
        return shown

    def _collection(self) -> dict[str, Any]:
        paid = self.state == DONE
        shown: dict[str, Any] = {
            "state": "USER_PAID" if paid else "USER_PAYING",
            "total_amount": self.total,
            "paying_amount": 0 if paid else self.total,
            "paid_amount": self.total if paid else 0,
        }
        if paid:
            detail = {"seq": 1, "amount": self.total, "paid_type": self.paid_type}
            detail["paid_time"] = china_time(self.paid_at)
            if self.transaction_id:
                detail["transaction_id"] = self.transaction_id
            shown["details"] = [detail]
        return shown


@dataclass(slots=True, kw_only=True)
class Permission:
    """A person's leave to use a service without confirming each order."""

    mchid: str
    appid: str
    service_id: str
    authorization_code: str
    notify_url: str
    token: str
    openid: str = ""
    state: str = "UNAVAILABLE"
    changed_at: float = 0.0
    reasons: list[str] = field(default_factory=list)

    def wire(self) -> dict[str, Any]:
        shown = {
            "service_id": self.service_id,
            "appid": self.appid,
            "mchid": self.mchid,
            "authorization_code": self.authorization_code,
            "authorization_state": self.state,
        }
        return shown | ({"openid": self.openid} if self.openid else {})


class PayScore:
    """All service orders and permissions. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self._orders = Shelf(pay.store, "pay_score_order", ServiceOrder)
        self.permissions = Shelf(pay.store, "pay_score_permission", Permission)
        self._packages = Shelf(pay.store, "pay_score_package", tuple[str, str])

    def find(self, mchid: str, out_order_no: str) -> ServiceOrder | None:
        return self._orders.find(mchid, out_order_no)

    def find_by_package(self, package: str) -> ServiceOrder | None:
        """Return an order by its package, or by its platform number."""
        place = self._packages.find("", package)
        return None if place is None else self.find(*place)

    def save(self, order: ServiceOrder) -> None:
        self._orders.put(order.mchid, order.out_order_no, order)

    def open(self, order: ServiceOrder, *, confirmed: bool) -> None:
        """Keep a new order; where the person need not confirm it runs at once."""
        place = (order.mchid, order.out_order_no)
        self._packages.put("", order.package, place)
        self._packages.put("", order.order_id, place)
        if confirmed:
            order.state, order.description = DOING, CONFIRMED
        else:
            self.pay.agenda.plan(order.created_at + CONFIRM_S, "score_expired", order.order_id)
        self.save(order)

    def confirm(self, order: ServiceOrder, openid: str, at: float) -> None:
        """The person agrees to the service."""
        if order.state != CREATED:
            raise ValueError("there is nothing to confirm")
        order.openid, order.state, order.description = openid, DOING, CONFIRMED
        self.save(order)
        self._tell(order, "PAYSCORE.USER_CONFIRM", "用户确认成功", at)

    def complete(self, order: ServiceOrder, at: float) -> None:
        """The service is over; the money is collected, by itself where the merchant may deduct it."""
        order.description = COMPLETED
        self.save(order)
        if not order.total:
            order.state, order.paid_at, order.paid_type = DONE, at, "NEWTON"
            self.save(order)
        elif self.pay.merchants.get(order.mchid).payscore_deducts:
            self.pay.agenda.plan(at + _DEDUCT_S, "score_deduct", order.order_id)

    def pay_up(self, order: ServiceOrder, at: float) -> None:
        """The person pays what the service cost."""
        if order.state != DOING or order.description != COMPLETED:
            raise ValueError("there is nothing to pay")
        order.transaction_id = self._payment(order, at).transaction_id
        order.state, order.paid_at, order.paid_type = DONE, at, "NEWTON"
        self.save(order)
        self._tell(order, "PAYSCORE.USER_PAID", "用户支付成功", at)

    def _payment(self, order: ServiceOrder, at: float) -> Order:
        """Write the payment down as bills show it: its number is the platform's."""
        merchant = self.pay.merchants.get(order.mchid)
        made = Order(
            mchid=order.mchid,
            appid=order.body["appid"],
            out_trade_no=self.pay.digits("1000", at, 28),
            trade_type="AUTH",
            description=order.body["service_introduction"],
            total=order.total,
            notify_url="",
            created_at=at,
            expires_at=at,
            digest="",
            attach=f"wxzff|{order.body['service_id']}|{order.out_order_no}",
            payer_openid=order.openid,
            state=TradeState.SUCCESS,
            transaction_id=self.pay.digits("4200003", at, 28),
            bank_type=BANKS[0],
            payer_total=order.total,
            settlement_total=order.total,
            fee=(order.total * merchant.fee_bps + 5_000) // 10_000,
            paid_at=at,
        )
        for name, amount in (("交易", made.total), ("扣除交易手续费", -made.fee)):
            self.pay.funds.move(
                order.mchid,
                amount,
                at=at,
                name=name,
                kind=name,
                ref=made.transaction_id,
                voucher=made.out_trade_no,
            )
        Orders(self.pay).note_paid(made)
        return made

    def change_permission(self, found: Permission, state: str, at: float, *, event: str) -> None:
        """A person opens a service, or closes it."""
        found.state, found.changed_at = state, at
        self.permissions.put(found.mchid, found.authorization_code, found)
        opens = state == "AVAILABLE"
        content = {
            "appid": found.appid,
            "mchid": found.mchid,
            "service_id": found.service_id,
            "openid": found.openid,
            "user_service_status": event.removeprefix("PAYSCORE."),
            "openorclose_time": china_time(at),
            "authorization_code": found.authorization_code,
        }
        self.pay.notices.post(
            self.pay.merchants.get(found.mchid),
            found.notify_url,
            event,
            content,
            at=at,
            original_type="payscore",
            summary="用户开启服务" if opens else "用户解除服务",
        )

    def _tell(self, order: ServiceOrder, event: str, summary: str, at: float) -> None:
        self.pay.notices.post(
            self.pay.merchants.get(order.mchid),
            order.body["notify_url"],
            event,
            order.wire(),
            at=at,
            original_type="payscore",
            summary=summary,
        )


@when("score_expired")
def _expire(pay: Pay, ref: str, at: float) -> None:
    scores = PayScore(pay)
    order = scores.find_by_package(ref)
    if order is not None and order.state == CREATED:
        order.state = EXPIRED
        scores.save(order)


@when("score_deduct")
def _deduct(pay: Pay, ref: str, at: float) -> None:
    scores = PayScore(pay)
    order = scores.find_by_package(ref)
    if order is not None and (order.state, order.description) == (DOING, COMPLETED):
        scores.pay_up(order, at)
