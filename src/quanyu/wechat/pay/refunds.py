"""Refunds: of a whole order or a part; one refund per number, for a year after the payment.

Source: pay.weixin.qq.com, 申请退款 (read 2026). At most 50 partial refunds of an order, a minute apart;
the same number with the same content returns the present refund, so an unknown outcome is repeated
unchanged.
"""

from typing import Final, Literal

from quanyu.kernel.money import Money
from quanyu.wechat.calls import Sensitive
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call

PARTS_MAX: Final = 50
PARTS_APART_S: Final = 60
WINDOW_DAYS: Final = 365


class RefundSource(Part, frozen=True):
    account: Literal["AVAILABLE", "UNAVAILABLE"]
    amount: int  # Fen.


class RefundAmount(Part, frozen=True, rename={"sources": "from"}):
    """Fen. ``sources`` says from which of the merchant's accounts."""

    refund: int
    total: int
    currency: str  # The platform wants it written: CNY.
    sources: tuple[RefundSource, ...] = ()


class RefundGoods(Part, frozen=True):
    merchant_goods_id: str
    unit_price: int
    refund_amount: int
    refund_quantity: int
    wechatpay_goods_id: str = ""
    goods_name: str = ""


class RefundRequest(Request, frozen=True):
    """One of the order's two numbers is given; ``transaction_id`` wins."""

    out_refund_no: str  # At most 64 of letters, digits and ``_-|*@``.
    amount: RefundAmount
    transaction_id: str = ""
    out_trade_no: str = ""
    reason: str = ""  # At most 80 bytes; the person sees it, except for parts of up to one yuan.
    notify_url: str = ""
    funds_account: str = ""
    goods_detail: tuple[RefundGoods, ...] = ()


class RefundedAmount(Part, frozen=True, rename={"sources": "from"}):
    total: int = 0  # Fen, all of them.
    sources: tuple[RefundSource, ...] = ()
    refund: int = 0
    payer_total: int = 0
    payer_refund: int = 0
    settlement_refund: int = 0
    settlement_total: int = 0
    discount_refund: int = 0
    refund_fee: int = 0  # Of the fee, given back to the merchant.
    currency: str = "CNY"

    @property
    def money(self) -> Money:
        return Money(self.refund, self.currency)


class RefundPromotion(Part, frozen=True):
    promotion_id: str = ""
    scope: str = ""
    type: str = ""
    amount: int = 0
    refund_amount: int = 0
    goods_detail: tuple[RefundGoods, ...] = ()


class Refund(Answer, frozen=True):
    """A refund as the platform knows it. ``status``: SUCCESS, CLOSED, PROCESSING, ABNORMAL."""

    refund_id: str
    out_refund_no: str
    status: str
    transaction_id: str = ""
    out_trade_no: str = ""
    channel: str = ""
    user_received_account: str = ""
    success_time: str = ""
    create_time: str = ""
    funds_account: str = ""
    amount: RefundedAmount | None = None
    promotion_detail: tuple[RefundPromotion, ...] = ()


class ByOutRefundNo(Request, frozen=True):
    out_refund_no: str


class AbnormalRefundRequest(Request, frozen=True):
    """Send money that could not reach the person another way."""

    refund_id: str
    out_refund_no: str
    type: Literal["USER_BANK_CARD", "MERCHANT_BANK_CARD"]
    bank_type: str = ""
    bank_account: Sensitive | None = None
    real_name: Sensitive | None = None


REFUND: Final = pay_call("POST", "/v3/refund/domestic/refunds", RefundRequest, Refund)
QUERY: Final = pay_call("GET", "/v3/refund/domestic/refunds/{out_refund_no}", ByOutRefundNo, Refund)
REFUND_ABNORMAL: Final = pay_call(
    "POST",
    "/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund",
    AbnormalRefundRequest,
    Refund,
)
