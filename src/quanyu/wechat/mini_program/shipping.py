"""Order shipping: what was paid in a mini program stays frozen until its shipping is told.

Source: developers.weixin.qq.com, 小程序发货信息管理服务 (read 2026). Amounts are in fen.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Done, Part, Request

ITEMS_MAX: Final = 15  # Parcels in one call.

LogisticsType = Literal[1, 2, 3, 4]  # Express, same city, virtual, picked up.
DeliveryMode = Literal[1, 2]  # All in one, split; only express can be split.


class OrderKey(Part, frozen=True):
    """A payment: 1 by ``mchid`` and ``out_trade_no``, 2 by ``transaction_id``."""

    order_number_type: Literal[1, 2]
    transaction_id: str = ""
    mchid: str = ""
    out_trade_no: str = ""


class Contact(Part, frozen=True):
    """Masked but for the last four digits; SF Express needs one of the two."""

    consignor_contact: str = ""
    receiver_contact: str = ""


class Parcel(Part, frozen=True):
    item_desc: str = ""  # At most 120 signs.
    tracking_no: str = ""
    express_company: str = ""  # A code of the platform's list.
    contact: Contact | None = None


class Payer(Part, frozen=True):
    openid: str


class ShipRequest(Request, frozen=True):
    order_key: OrderKey
    logistics_type: LogisticsType
    delivery_mode: DeliveryMode
    shipping_list: tuple[Parcel, ...]  # 1 to ``ITEMS_MAX``; one when all goes in one.
    upload_time: str  # RFC 3339 with milliseconds: 2026-03-04T12:00:00.000+08:00.
    payer: Payer
    is_all_delivered: bool | None = None  # Split deliveries say whether this was the last.


class SubOrder(Part, frozen=True):
    order_key: OrderKey
    logistics_type: LogisticsType
    delivery_mode: DeliveryMode
    shipping_list: tuple[Parcel, ...]
    is_all_delivered: bool | None = None


class ShipCombinedRequest(Request, frozen=True):
    """One payment for several orders."""

    order_key: OrderKey
    sub_orders: tuple[SubOrder, ...]
    upload_time: str
    payer: Payer


class OrderRequest(Request, frozen=True):
    """A payment: by ``transaction_id``, or by merchant and their own number."""

    transaction_id: str = ""
    merchant_id: str = ""
    sub_merchant_id: str = ""
    merchant_trade_no: str = ""


class ShippedParcel(Part, frozen=True):
    tracking_no: str = ""
    express_company: str = ""
    goods_desc: str = ""
    upload_time: int = 0  # Unix seconds.
    contact: Contact | None = None


class Shipping(Part, frozen=True):
    delivery_mode: int = 0
    logistics_type: int = 0
    finish_shipping: bool = False
    finish_shipping_count: int = 0
    goods_desc: str = ""
    shipping_list: tuple[ShippedParcel, ...] = ()


class Order(Part, frozen=True):
    transaction_id: str = ""
    merchant_id: str = ""
    sub_merchant_id: str = ""
    merchant_trade_no: str = ""
    description: str = ""
    openid: str = ""
    paid_amount: int = 0  # Fen.
    order_state: int = 0  # 1 to ship, 2 shipped, 3 confirmed, 4 done, 5 refunded, 6 to be settled.
    trade_create_time: int = 0  # Unix seconds.
    pay_time: int = 0
    in_complaint: bool = False
    shipping: Shipping | None = None


class OrderAnswer(Answer, frozen=True):
    order: Order


class PayTimes(Part, frozen=True):
    begin_time: int = 0  # Unix seconds.
    end_time: int = 0


class OrdersRequest(Request, frozen=True):
    pay_time_range: PayTimes | None = None
    order_state: int = 0  # Left out, all.
    openid: str = ""
    last_index: str = ""
    page_size: int = 100


class OrdersAnswer(Answer, frozen=True):
    order_list: tuple[Order, ...] = ()
    last_index: str = ""
    has_more: bool = False


class RemindRequest(Request, frozen=True):
    """Tell the person that the parcel has arrived: once per order, express only."""

    received_time: int  # Unix seconds.
    transaction_id: str = ""
    merchant_id: str = ""
    sub_merchant_id: str = ""
    merchant_trade_no: str = ""


class JumpPathRequest(Request, frozen=True):
    path: str  # The platform adds transaction_id, merchant_id and merchant_trade_no.


class AppRequest(Request, frozen=True):
    appid: str


class ManagedAnswer(Answer, frozen=True):
    is_trade_managed: bool


class ConfirmedAnswer(Answer, frozen=True):
    completed: bool


class SpecialOrderRequest(Request, frozen=True):
    order_id: str
    type: Literal[1, 2]  # Sold in advance, a test.
    delay_to: int = 0  # Unix seconds, 15 to 330 days after the payment.


# Telling it again replaces what was told, once per payment: not to be repeated blindly.
SHIP: Final = Call("POST", "/wxa/sec/order/upload_shipping_info", ShipRequest, Done)
SHIP_COMBINED: Final = Call("POST", "/wxa/sec/order/upload_combined_shipping_info", ShipCombinedRequest, Done)
ORDER: Final = Call("POST", "/wxa/sec/order/get_order", OrderRequest, OrderAnswer, repeatable=True)
ORDERS: Final = Call("POST", "/wxa/sec/order/get_order_list", OrdersRequest, OrdersAnswer, repeatable=True)
REMIND: Final = Call("POST", "/wxa/sec/order/notify_confirm_receive", RemindRequest, Done)
SET_JUMP_PATH: Final = Call(
    "POST", "/wxa/sec/order/set_msg_jump_path", JumpPathRequest, Done, repeatable=True
)
IS_MANAGED: Final = Call(
    "POST", "/wxa/sec/order/is_trade_managed", AppRequest, ManagedAnswer, repeatable=True
)
IS_CONFIRMED: Final = Call(
    "POST",
    "/wxa/sec/order/is_trade_management_confirmation_completed",
    AppRequest,
    ConfirmedAnswer,
    repeatable=True,
)
REPORT_SPECIAL: Final = Call(
    "POST", "/wxa/sec/order/opspecialorder", SpecialOrderRequest, Done, repeatable=True
)
