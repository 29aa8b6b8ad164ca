"""Orders: made for the page, mini program, app or picture that pays them; asked about; closed.

Source: pay.weixin.qq.com, JSAPI / APP / H5 / Native 支付 (read 2026). A ``prepay_id`` and a ``code_url`` last
two hours, an ``h5_url`` five minutes; an order that is not paid closes by itself at ``time_expire``, at
most seven days. The same number with the same content makes a new ``prepay_id`` of the same order.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Done, Sensitive
from quanyu.wechat.pay.amounts import OrderAmount, PaidAmount
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call

TradeType = Literal["JSAPI", "NATIVE", "APP", "MWEB", "MICROPAY", "FACEPAY"]
LimitPay = Literal["no_balance", "no_credit", "no_debit", "balance_only"]


class GoodsLine(Part, frozen=True):
    merchant_goods_id: str
    quantity: int
    unit_price: int  # Fen.
    wechatpay_goods_id: str = ""
    goods_name: str = ""


class OrderDetail(Part, frozen=True):
    """Needed by coupons for single items."""

    cost_price: int = 0  # Fen, before discounts of the merchant.
    invoice_id: str = ""
    goods_detail: tuple[GoodsLine, ...] = ()


class StoreInfo(Part, frozen=True):
    id: str
    name: str = ""
    area_code: str = ""
    address: str = ""


class H5Info(Part, frozen=True):
    type: Literal["iOS", "Android", "Wap"]
    app_name: str = ""
    app_url: str = ""
    bundle_id: str = ""
    package_name: str = ""


class SceneInfo(Part, frozen=True):
    payer_client_ip: str
    device_id: str = ""
    store_info: StoreInfo | None = None
    h5_info: H5Info | None = None  # Of H5 orders.


class SettleInfo(Part, frozen=True):
    profit_sharing: bool = False  # True freezes the money until it is shared or released.


class PayerIdentity(Part, frozen=True):
    """Whose account must pay."""

    type: Literal[
        "IDCARD",
        "HONGKONG_MACAO",
        "HONGKONG_MACAO_RESIDENT",
        "TAIWAN_RESIDENT",
        "FOREIGN_RESIDENT",
        "OVERSEA_PASSPORT",
        "PHONE_NUMBER",
    ]
    number: Sensitive
    name: Sensitive | None = None


class JsapiPayer(Part, frozen=True):
    openid: str
    identity: PayerIdentity | None = None


class OrderRequest(Request, frozen=True):
    """What every kind of order says. ``notify_url`` has no query."""

    appid: str
    mchid: str
    description: str  # At most 127 signs.
    out_trade_no: str  # 6 to 32 of letters, digits and ``_-|*``.
    notify_url: str
    amount: OrderAmount
    time_expire: str = ""  # RFC 3339.
    attach: str = ""  # At most 128 signs; comes back in notifications, queries and bills.
    goods_tag: str = ""
    limit_pay: tuple[LimitPay, ...] = ()
    support_fapiao: bool = False
    detail: OrderDetail | None = None
    scene_info: SceneInfo | None = None
    settle_info: SettleInfo | None = None


class JsapiRequest(OrderRequest, frozen=True, kw_only=True):
    """An order paid inside WeChat: in a page or in a mini program."""

    payer: JsapiPayer


class PrepayAnswer(Answer, frozen=True):
    prepay_id: str


class H5Answer(Answer, frozen=True):
    h5_url: str  # ``&redirect_url=`` may be added.


class NativeAnswer(Answer, frozen=True):
    code_url: str  # To be shown as a QR code.


class PromotionGoods(Part, frozen=True):
    goods_id: str = ""
    quantity: int = 0
    unit_price: int = 0
    discount_amount: int = 0
    goods_remark: str = ""


class Promotion(Part, frozen=True):
    """A coupon that paid a part, in fen."""

    coupon_id: str = ""
    name: str = ""
    scope: str = ""  # GLOBAL, SINGLE.
    type: str = ""  # CASH, NOCASH.
    amount: int = 0
    stock_id: str = ""
    wechatpay_contribute: int = 0
    merchant_contribute: int = 0
    other_contribute: int = 0
    currency: str = ""
    goods_detail: tuple[PromotionGoods, ...] = ()


class Payer(Part, frozen=True):
    openid: str = ""


class TransactionScene(Part, frozen=True):
    device_id: str = ""


class Transaction(Answer, frozen=True):
    """An order as the platform knows it; in answers and in ``TRANSACTION.SUCCESS``.

    ``trade_state``: SUCCESS, REFUND (paid, and something of it refunded), NOTPAY, CLOSED, and of payment
    codes REVOKED, USERPAYING, PAYERROR.
    """

    appid: str
    mchid: str
    out_trade_no: str
    trade_state: str
    trade_state_desc: str = ""
    transaction_id: str = ""
    trade_type: str = ""
    bank_type: str = ""
    attach: str = ""
    success_time: str = ""  # RFC 3339.
    payer: Payer | None = None
    amount: PaidAmount | None = None
    scene_info: TransactionScene | None = None
    promotion_detail: tuple[Promotion, ...] = ()


class ByOutTradeNo(Request, frozen=True):
    out_trade_no: str
    mchid: str


class ByTransactionId(Request, frozen=True):
    transaction_id: str
    mchid: str


JSAPI: Final = pay_call("POST", "/v3/pay/transactions/jsapi", JsapiRequest, PrepayAnswer)
APP: Final = pay_call("POST", "/v3/pay/transactions/app", OrderRequest, PrepayAnswer)
H5: Final = pay_call("POST", "/v3/pay/transactions/h5", OrderRequest, H5Answer)
NATIVE: Final = pay_call("POST", "/v3/pay/transactions/native", OrderRequest, NativeAnswer)
QUERY: Final = pay_call("GET", "/v3/pay/transactions/out-trade-no/{out_trade_no}", ByOutTradeNo, Transaction)
QUERY_BY_ID: Final = pay_call("GET", "/v3/pay/transactions/id/{transaction_id}", ByTransactionId, Transaction)
CLOSE: Final = pay_call("POST", "/v3/pay/transactions/out-trade-no/{out_trade_no}/close", ByOutTradeNo, Done)
