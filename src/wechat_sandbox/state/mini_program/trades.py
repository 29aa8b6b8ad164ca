"""Orders paid in a mini program, and how they are shipped.

Source: official pages 小程序发货信息管理服务 (mirror read 2026-07-30). Money stays frozen until it is shipped
for and received.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.xml import XmlValue

REMIND_SHIPPING_S = 2.0 * DAY_S
AUTO_CONFIRM_S = {1: 10.0 * DAY_S, 2: 2.0 * DAY_S, 3: 2.0 * DAY_S, 4: 2.0 * DAY_S}  # By logistics type.
SETTLE_S = DAY_S  # After the receipt was confirmed.


class OrderState(IntEnum):
    """``order_state`` on the wire."""

    TO_SHIP = 1
    SHIPPED = 2
    CONFIRMED = 3
    DONE = 4
    REFUNDED = 5
    SETTLING = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One entry of ``shipping_list``."""

    tracking_no: str
    express_company: str
    item_desc: str
    consignor_contact: str
    receiver_contact: str
    upload_time: int


@dataclass(slots=True, kw_only=True)
class Shipping:
    """What was uploaded for an order."""

    logistics_type: int
    delivery_mode: int
    finished: bool
    count: int  # Uploads that were complete; one repeat is allowed.
    parcels: list[Parcel] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Trade:
    """One paid order. Money in fen, instants in virtual epoch seconds."""

    transaction_id: str
    merchant_id: str
    merchant_trade_no: str
    openid: str
    person: int
    description: str
    paid_amount: int
    pay_time: float
    sub_merchant_id: str = ""
    state: OrderState = OrderState.TO_SHIP
    shipping: Shipping | None = None
    shipped_at: float = 0.0
    receipt_reminded: bool = False
    confirmed_at: float = 0.0
    confirmed_by_hand: bool = False
    delayed_until: float = 0.0  # Of a presale.
    is_test: bool = False


class Trades:
    """Orders of one mini program."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._shelf = Shelf(world.store, "mini_trade", Trade)
        self._by_number = Shelf(world.store, "mini_trade_number", str)
        self._due = Shelf(world.store, "mini_trade_due", float)  # When time alone moves an order on.

    def pay(
        self, relation: Relation, at: float, *, amount: int, merchant_id: str, trade_no: str, description: str
    ) -> Trade:
        """A person pays an order in the mini program.

        Raises:
            ValueError: the merchant has used this number before.
        """
        if self.find(merchant_id=merchant_id, trade_no=trade_no) is not None:
            raise ValueError(f"{trade_no} is paid already")
        is_first = self._shelf.count(self._account.appid) == 0
        trade = Trade(
            transaction_id=f"42{self._world.new_id(at):026d}",
            merchant_id=merchant_id,
            merchant_trade_no=trade_no,
            openid=relation.openid,
            person=relation.person,
            description=description,
            paid_amount=amount,
            pay_time=at,
        )
        self._by_number.put(self._account.appid, f"{merchant_id}:{trade_no}", trade.transaction_id)
        self._save(trade, due=at + REMIND_SHIPPING_S)
        if is_first:
            message = "请接入发货信息管理服务API"
            self._world.emit_for_account(
                self._account, "trade_manage_remind_access_api", at, {"msg": message}
            )
        return trade

    def find(self, *, transaction_id: str = "", merchant_id: str = "", trade_no: str = "") -> Trade | None:
        """Return an order by its transaction, or by merchant and merchant's number."""
        if not transaction_id:
            number = f"{merchant_id}:{trade_no}"
            transaction_id = self._by_number.find(self._account.appid, number) or ""
        return self._shelf.find(self._account.appid, transaction_id)

    def all(self) -> list[Trade]:
        """Return every order, oldest first."""
        return self._shelf.values(self._account.appid)

    def ship(self, trade: Trade, shipping: Shipping, at: float) -> None:
        """Keep what was uploaded; a complete upload makes the order shipped and its payout foreseeable."""
        trade.shipping = shipping
        if not shipping.finished:
            self._save(trade, due=None, keeps_due=True)
            return
        if trade.state is OrderState.TO_SHIP:
            trade.state, trade.shipped_at = OrderState.SHIPPED, at
        due = trade.shipped_at + AUTO_CONFIRM_S[shipping.logistics_type]
        self._save(trade, due=due)
        fields = self._settlement_fields(trade) | {"estimated_settlement_time": int(due + SETTLE_S)}
        self._world.emit_for_account(self._account, "trade_manage_order_settlement", at, fields)

    def remind_receipt(self, trade: Trade) -> None:
        trade.receipt_reminded = True
        self._save(trade, due=None, keeps_due=True)

    def delay(self, trade: Trade, until: float) -> None:
        """A presale need not be shipped before ``until``."""
        trade.delayed_until = until
        self._save(trade, due=until)

    def mark_as_test(self, trade: Trade) -> None:
        """A test order need not be shipped at all."""
        trade.is_test = True
        self._save(trade, due=None)

    def refund(self, trade: Trade) -> None:
        trade.state = OrderState.REFUNDED
        self._save(trade, due=None)

    def confirm(self, trade: Trade, at: float, *, by_hand: bool) -> None:
        """The receipt is confirmed, by the person or by time; the payout follows.

        Raises:
            ValueError: the order is not under way.
        """
        if trade.state is not OrderState.SHIPPED:
            raise ValueError("the order is not under way")
        trade.state = OrderState.CONFIRMED
        trade.confirmed_at, trade.confirmed_by_hand = at, by_hand
        self._save(trade, due=at + SETTLE_S)

    def advance(self, at: float) -> None:
        """Do what time alone brings about: reminders to ship, receipts confirmed, payouts."""
        for transaction_id, due in self._due.items(self._account.appid):
            trade = self.find(transaction_id=transaction_id) if due <= at else None
            if trade is None:
                continue
            if trade.state is OrderState.TO_SHIP:
                self._remind_shipping(trade, due)
            elif trade.state is OrderState.SHIPPED:
                self.confirm(trade, due, by_hand=False)
            else:
                self._settle(trade, due)

    def _settle(self, trade: Trade, at: float) -> None:
        trade.state = OrderState.DONE
        self._save(trade, due=None)
        fields = self._settlement_fields(trade) | {
            "confirm_receive_method": 1 if trade.confirmed_by_hand else 2,
            "confirm_receive_time": int(trade.confirmed_at),
            "settlement_time": int(at),
        }
        self._world.emit_for_account(self._account, "trade_manage_order_settlement", at, fields)

    def _remind_shipping(self, trade: Trade, at: float) -> None:
        self._save(trade, due=None)
        fields = self._names(trade) | {
            "pay_time": int(trade.pay_time),
            "msg": "订单已支付超过48小时，请尽快发货",
        }
        self._world.emit_for_account(self._account, "trade_manage_remind_shipping", at, fields)

    def _settlement_fields(self, trade: Trade) -> dict[str, XmlValue]:
        return self._names(trade) | {
            "pay_time": int(trade.pay_time),
            "shipped_time": int(trade.shipped_at),
        }

    def _names(self, trade: Trade) -> dict[str, XmlValue]:
        return {
            "transaction_id": trade.transaction_id,
            "merchant_id": trade.merchant_id,
            "sub_merchant_id": trade.sub_merchant_id,
            "merchant_trade_no": trade.merchant_trade_no,
        }

    def _save(self, trade: Trade, *, due: float | None, keeps_due: bool = False) -> None:
        self._shelf.put(self._account.appid, trade.transaction_id, trade)
        if due is not None:
            self._due.put(self._account.appid, trade.transaction_id, due)
        elif not keeps_due:
            self._due.drop(self._account.appid, trade.transaction_id)
