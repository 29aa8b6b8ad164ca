"""Merchant coupons (商家券) in people's wallets: listed, used, given back, taken out of use, sent.

Source: pay.weixin.qq.com, 商家券 (read 2026). SENDED → USED → SENDED again when given back; EXPIRED,
DELETED by the person, DEACTIVATED. Every change carries a number of ours and may be repeated unchanged.
"""

from typing import Final

from quanyu.wechat.pay.busifavor_stocks import CouponUseRule, CustomEntrance, DisplayPattern
from quanyu.wechat.pay.declaring import Answer, Request, pay_call


class CouponsRequest(Request, frozen=True):
    openid: str
    appid: str
    stock_id: str = ""
    coupon_state: str = ""
    creator_merchant: str = ""
    belong_merchant: str = ""
    sender_merchant: str = ""
    offset: int = 0
    limit: int = 20


class Coupon(Answer, frozen=True):
    coupon_code: str
    coupon_state: str
    stock_id: str
    belong_merchant: str = ""
    stock_name: str = ""
    comment: str = ""
    goods_name: str = ""
    stock_type: str = ""
    transferable: bool = False
    shareable: bool = False
    send_request_no: str = ""
    use_request_no: str = ""
    available_start_time: str = ""
    expire_time: str = ""
    receive_time: str = ""
    use_time: str = ""
    coupon_use_rule: CouponUseRule | None = None
    custom_entrance: CustomEntrance | None = None
    display_pattern_info: DisplayPattern | None = None


class CouponsAnswer(Answer, frozen=True):
    total_count: int = 0
    offset: int = 0
    limit: int = 0
    data: tuple[Coupon, ...] = ()


class CouponRequest(Request, frozen=True):
    openid: str
    coupon_code: str
    appid: str


class UseRequest(Request, frozen=True):
    """``stock_id`` is needed for codes of ours."""

    coupon_code: str
    appid: str
    use_time: str  # RFC 3339.
    use_request_no: str
    stock_id: str = ""
    openid: str = ""
    out_trade_no: str = ""
    transaction_id: str = ""
    mch_id: str = ""


class UseAnswer(Answer, frozen=True):
    stock_id: str
    openid: str = ""
    wechatpay_use_time: str = ""


class ReturnRequest(Request, frozen=True):
    coupon_code: str
    stock_id: str
    return_request_no: str


class ReturnAnswer(Answer, frozen=True):
    wechatpay_return_time: str


class DeactivateRequest(Request, frozen=True):
    coupon_code: str
    stock_id: str
    deactivate_request_no: str
    deactivate_reason: str = ""


class DeactivateAnswer(Answer, frozen=True):
    wechatpay_deactivate_time: str


class AssociateRequest(Request, frozen=True):
    stock_id: str
    coupon_code: str
    out_trade_no: str
    out_request_no: str


class AssociateAnswer(Answer, frozen=True):
    wechatpay_associate_time: str


class DisassociateAnswer(Answer, frozen=True):
    wechatpay_disassociate_time: str


class SendRequest(Request, frozen=True):
    """Needs a permission of its own; others issue by mini program, page or gift."""

    openid: str
    appid: str
    stock_id: str
    out_request_no: str
    coupon_code: str = ""


class SendAnswer(Answer, frozen=True):
    stock_id: str
    coupon_code: str
    out_request_no: str = ""


class SetCallbackRequest(Request, frozen=True):
    notify_url: str
    mchid: str = ""


class CallbackRequest(Request, frozen=True):
    mchid: str = ""


class CallbackAnswer(Answer, frozen=True):
    notify_url: str
    mchid: str = ""
    update_time: str = ""


_BASE: Final = "/v3/marketing/busifavor"
COUPONS: Final = pay_call("GET", f"{_BASE}/users/{{openid}}/coupons", CouponsRequest, CouponsAnswer)
COUPON: Final = pay_call(
    "GET", f"{_BASE}/users/{{openid}}/coupons/{{coupon_code}}/appids/{{appid}}", CouponRequest, Coupon
)
USE: Final = pay_call("POST", f"{_BASE}/coupons/use", UseRequest, UseAnswer)
RETURN: Final = pay_call("POST", f"{_BASE}/coupons/return", ReturnRequest, ReturnAnswer)
DEACTIVATE: Final = pay_call("POST", f"{_BASE}/coupons/deactivate", DeactivateRequest, DeactivateAnswer)
ASSOCIATE: Final = pay_call("POST", f"{_BASE}/coupons/associate", AssociateRequest, AssociateAnswer)
DISASSOCIATE: Final = pay_call("POST", f"{_BASE}/coupons/disassociate", AssociateRequest, DisassociateAnswer)
SEND: Final = pay_call("POST", f"{_BASE}/coupons/send", SendRequest, SendAnswer)
SET_CALLBACK: Final = pay_call("POST", f"{_BASE}/callbacks", SetCallbackRequest, CallbackAnswer)
CALLBACK: Final = pay_call("GET", f"{_BASE}/callbacks", CallbackRequest, CallbackAnswer)
