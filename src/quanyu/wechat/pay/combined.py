"""Combined orders (合单): several orders of several merchants paid at once, all or nothing.

Source: pay.weixin.qq.com, 合单支付 (read 2026). 2 to 10 sub-orders. Refunds, sharing and bills are of the
single sub-orders.
"""

from typing import Final

from quanyu.wechat.calls import Done
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call
from quanyu.wechat.pay.orders import (
    H5Answer,
    LimitPay,
    NativeAnswer,
    Payer,
    PayerIdentity,
    PrepayAnswer,
    Promotion,
    SceneInfo,
    TransactionScene,
)

SUB_ORDERS_MIN: Final = 2
SUB_ORDERS_MAX: Final = 10


class SubAmount(Part, frozen=True):
    """Fen."""

    total_amount: int
    currency: str  # The platform wants it written: CNY.


class SubSettleInfo(Part, frozen=True):
    profit_sharing: bool = False
    subsidy_amount: int = 0


class SubOrder(Part, frozen=True):
    mchid: str
    attach: str
    amount: SubAmount
    out_trade_no: str
    description: str
    detail: str = ""
    goods_tag: str = ""
    settle_info: SubSettleInfo | None = None
    sub_mchid: str = ""
    sub_appid: str = ""


class CombinedPayer(Part, frozen=True):
    openid: str = ""
    sub_openid: str = ""
    identity: PayerIdentity | None = None


class CombinedRequest(Request, frozen=True):
    combine_appid: str
    combine_mchid: str
    combine_out_trade_no: str
    sub_orders: tuple[SubOrder, ...]
    notify_url: str
    scene_info: SceneInfo | None = None
    combine_payer_info: CombinedPayer | None = None  # Of JSAPI and mini programs, with the openid.
    time_start: str = ""  # RFC 3339.
    time_expire: str = ""
    limit_pay: tuple[LimitPay, ...] = ()


class PaidSubAmount(Part, frozen=True):
    total_amount: int = 0
    currency: str = "CNY"
    payer_amount: int = 0
    payer_currency: str = ""
    settlement_rate: int = 0


class PaidSubOrder(Part, frozen=True):
    mchid: str
    out_trade_no: str
    trade_state: str  # SUCCESS, REFUND, NOTPAY, CLOSED, PAYERROR.
    trade_type: str = ""
    bank_type: str = ""
    attach: str = ""
    success_time: str = ""
    transaction_id: str = ""
    sub_mchid: str = ""
    sub_appid: str = ""
    sub_openid: str = ""
    promotion_detail: tuple[Promotion, ...] = ()
    amount: PaidSubAmount | None = None


class CombinedTransaction(Answer, frozen=True):
    """A combined order as the platform knows it; in answers and in ``TRANSACTION.SUCCESS``."""

    combine_appid: str
    combine_mchid: str
    combine_out_trade_no: str
    combine_transaction_id: str = ""  # Of the whole; each order has one of its own too.
    sub_orders: tuple[PaidSubOrder, ...] = ()
    scene_info: TransactionScene | None = None
    combine_payer_info: Payer | None = None


class ByCombinedNo(Request, frozen=True):
    combine_out_trade_no: str


class SubOrderKey(Part, frozen=True):
    mchid: str
    out_trade_no: str
    sub_mchid: str = ""
    sub_appid: str = ""


class CloseRequest(Request, frozen=True):
    """All sub-orders are named."""

    combine_out_trade_no: str
    combine_appid: str
    sub_orders: tuple[SubOrderKey, ...]


_BASE: Final = "/v3/combine-transactions"
JSAPI: Final = pay_call("POST", f"{_BASE}/jsapi", CombinedRequest, PrepayAnswer)
APP: Final = pay_call("POST", f"{_BASE}/app", CombinedRequest, PrepayAnswer)
H5: Final = pay_call("POST", f"{_BASE}/h5", CombinedRequest, H5Answer)
NATIVE: Final = pay_call("POST", f"{_BASE}/native", CombinedRequest, NativeAnswer)
QUERY: Final = pay_call(
    "GET", f"{_BASE}/out-trade-no/{{combine_out_trade_no}}", ByCombinedNo, CombinedTransaction
)
CLOSE: Final = pay_call("POST", f"{_BASE}/out-trade-no/{{combine_out_trade_no}}/close", CloseRequest, Done)
