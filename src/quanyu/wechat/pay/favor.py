"""Cash coupons (代金券): given out from stocks; a payment that fits uses one by itself.

Source: pay.weixin.qq.com, 代金券 (read 2026). Amounts are in fen. Spellings such as ``stoped`` are the
platform's.
"""

from typing import Final, Literal

from quanyu.wechat.calls import File
from quanyu.wechat.pay.declaring import Answer, Meta, Part, Request, pay_call


class StockUseRule(Part, frozen=True):
    """``max_amount`` is ``max_coupons`` times the coupon's amount."""

    max_coupons: int
    max_amount: int
    max_coupons_per_user: int  # 1 to 60.
    natural_person_limit: bool
    prevent_api_abuse: bool
    max_amount_by_day: int = 0


class PatternInfo(Part, frozen=True):
    description: str
    merchant_logo: str = ""
    merchant_name: str = ""
    background_color: str = ""  # Color010 to Color100.
    coupon_image: str = ""
    jump_target: str = ""  # PAYMENT_CODE, MINI_PROGRAM, DEFAULT_PAGE.
    mini_program_appid: str = ""
    mini_program_path: str = ""


class FixedTimes(Part, frozen=True):
    available_week_day: tuple[int, ...] = ()  # 0 is Sunday.
    begin_time: int = 0  # Seconds of the day.
    end_time: int = 0


class CouponTimes(Part, frozen=True):
    available_begin_time: str = ""
    available_end_time: str = ""
    fix_available_time: FixedTimes | None = None
    second_day_available: bool = False
    available_time_after_receive: int = 0  # Minutes.


class FixedCoupon(Part, frozen=True):
    coupon_amount: int
    transaction_minimum: int


class LimitCard(Part, frozen=True):
    name: str
    bin: tuple[str, ...]


class CouponUseRule(Part, frozen=True):
    fixed_normal_coupon: FixedCoupon | None = None
    coupon_available_time: CouponTimes | None = None
    goods_tag: tuple[str, ...] = ()
    limit_pay: tuple[str, ...] = ()
    limit_card: LimitCard | None = None
    trade_type: tuple[str, ...] = ()
    combine_use: bool = False
    available_items: tuple[str, ...] = ()
    available_merchants: tuple[str, ...] = ()


class CreateStockRequest(Request, frozen=True):
    stock_name: str
    belong_merchant: str
    available_begin_time: str
    available_end_time: str
    stock_use_rule: StockUseRule
    coupon_use_rule: CouponUseRule
    no_cash: bool
    out_request_no: str
    stock_type: str  # NORMAL.
    pattern_info: PatternInfo | None = None
    comment: str = ""
    ext_info: str = ""


class CreateStockAnswer(Answer, frozen=True):
    stock_id: str
    create_time: str = ""


class StockSwitchRequest(Request, frozen=True):
    stock_id: str
    stock_creator_mchid: str


class StockSwitchAnswer(Answer, frozen=True):
    stock_id: str
    start_time: str = ""
    pause_time: str = ""
    restart_time: str = ""


class CutToMessage(Part, frozen=True):
    single_price_max: int = 0
    cut_to_price: int = 0


class Stock(Answer, frozen=True):
    """``status``: unactivated, audit, running, stoped, paused."""

    stock_id: str
    stock_creator_mchid: str = ""
    stock_name: str = ""
    status: str = ""
    description: str = ""
    create_time: str = ""
    start_time: str = ""
    stop_time: str = ""
    available_begin_time: str = ""
    available_end_time: str = ""
    distributed_coupons: int = 0
    no_cash: bool = False
    singleitem: bool = False
    stock_type: str = ""
    business_type: str = ""
    cut_to_message: CutToMessage | None = None
    stock_use_rule: "ShownStockRule | None" = None


class ShownStockRule(Part, frozen=True):
    max_coupons: int = 0
    max_amount: int = 0
    max_amount_by_day: int = 0
    max_coupons_per_user: int = 0
    fixed_normal_coupon: FixedCoupon | None = None
    goods_tag: tuple[str, ...] = ()
    trade_type: tuple[str, ...] = ()
    combine_use: bool = False


class StocksRequest(Request, frozen=True):
    offset: int  # The page, from 0.
    limit: int
    stock_creator_mchid: str
    create_start_time: str = ""
    create_end_time: str = ""
    status: str = ""


class StocksAnswer(Answer, frozen=True):
    total_count: int = 0
    limit: int = 0
    offset: int = 0
    data: tuple[Stock, ...] = ()


class StockRequest(Request, frozen=True):
    stock_id: str
    stock_creator_mchid: str


class StockListRequest(Request, frozen=True):
    stock_id: str
    offset: int
    limit: int
    stock_creator_mchid: str


class StockListAnswer(Answer, frozen=True):
    stock_id: str = ""
    total_count: int = 0
    limit: int = 0
    offset: int = 0
    data: tuple[str, ...] = ()


class GoodsRequest(Request, frozen=True):
    stock_id: str
    stock_creator_mchid: str
    add_goods_id_list: tuple[str, ...] = ()
    delete_goods_id_list: tuple[str, ...] = ()


class GoodsAnswer(Answer, frozen=True):
    stock_id: str = ""


class FlowRequest(Request, frozen=True):
    stock_id: str


class DayFlowRequest(Request, frozen=True):
    stock_id: str
    bill_date: str  # ``2026-01-31``, a day in China that is over.


class UseFlowOfDay(Answer, frozen=True):
    """A file of what was used on a day, with its hash and the number of its rows."""

    url: str
    stock_useflow_hash: str
    stock_useflow_count: str = ""


class RefundFlowOfDay(Answer, frozen=True):
    """A file of what was given back on a day."""

    url: str
    stock_refundflow_hash: str
    stock_refundflow_count: str = ""


class FlowAnswer(Answer, frozen=True):
    """A file of what was used or given back; the hash is SHA-1."""

    url: str
    hash_value: str
    hash_type: str = "SHA1"


class SetCallbackRequest(Request, frozen=True):
    mchid: str
    notify_url: str
    switch: bool | None = None


class SetCallbackAnswer(Answer, frozen=True):
    notify_url: str
    update_time: str = ""


class CallbackRequest(Request, frozen=True):
    mchid: str


class CallbackAnswer(Answer, frozen=True):
    mchid: str
    notify_url: str


class ImageRequest(Request, frozen=True):
    meta: Meta
    file: File  # JPG, PNG or BMP, at most 2 MB.


class ImageAnswer(Answer, frozen=True):
    media_url: str


class SendRequest(Request, frozen=True):
    """The same number for the same person and stock returns the same coupon."""

    openid: str
    stock_id: str
    out_request_no: str
    appid: str
    stock_creator_mchid: str
    coupon_value: int = 0
    coupon_minimum: int = 0


class SendAnswer(Answer, frozen=True):
    coupon_id: str


class ConsumedGoods(Part, frozen=True):
    goods_id: str = ""
    quantity: int = 0
    price: int = 0
    discount_amount: int = 0


class Consumption(Part, frozen=True):
    consume_time: str = ""
    consume_mchid: str = ""
    transaction_id: str = ""
    consume_amount: int = 0
    goods_detail: tuple[ConsumedGoods, ...] = ()


class Coupon(Answer, frozen=True):
    """``status``: SENDED, USED, EXPIRED."""

    coupon_id: str
    stock_id: str
    stock_creator_mchid: str = ""
    coupon_name: str = ""
    status: str = ""
    description: str = ""
    create_time: str = ""
    coupon_type: str = ""
    no_cash: bool = False
    singleitem: bool = False
    available_begin_time: str = ""
    available_end_time: str = ""
    cut_to_message: CutToMessage | None = None
    normal_coupon_information: FixedCoupon | None = None
    consume_information: Consumption | None = None
    available_balance: int = 0  # Of a coupon that can be used several times (``business_type`` MULTIUSE).
    business_type: str = ""


class CouponsRequest(Request, frozen=True):
    """One of the merchants is given."""

    openid: str
    appid: str
    stock_id: str = ""
    status: Literal["", "SENDED", "USED"] = ""
    creator_mchid: str = ""
    sender_mchid: str = ""
    available_mchid: str = ""
    offset: int = 0
    limit: int = 20


class CouponsAnswer(Answer, frozen=True):
    total_count: int = 0
    offset: int = 0
    limit: int = 0
    data: tuple[Coupon, ...] = ()


class CouponRequest(Request, frozen=True):
    openid: str
    coupon_id: str
    appid: str


_BASE: Final = "/v3/marketing/favor"
_STOCK: Final = f"{_BASE}/stocks/{{stock_id}}"
CREATE_STOCK: Final = pay_call("POST", f"{_BASE}/coupon-stocks", CreateStockRequest, CreateStockAnswer)
START: Final = pay_call("POST", f"{_STOCK}/start", StockSwitchRequest, StockSwitchAnswer)
PAUSE: Final = pay_call("POST", f"{_STOCK}/pause", StockSwitchRequest, StockSwitchAnswer)
RESTART: Final = pay_call("POST", f"{_STOCK}/restart", StockSwitchRequest, StockSwitchAnswer)
STOCKS: Final = pay_call("GET", f"{_BASE}/stocks", StocksRequest, StocksAnswer)
STOCK: Final = pay_call("GET", _STOCK, StockRequest, Stock)
STOCK_MERCHANTS: Final = pay_call("GET", f"{_STOCK}/merchants", StockListRequest, StockListAnswer)
STOCK_ITEMS: Final = pay_call("GET", f"{_STOCK}/items", StockListRequest, StockListAnswer)
CHANGE_GOODS: Final = pay_call("POST", f"{_STOCK}/modify-goods-id", GoodsRequest, GoodsAnswer)
USE_FLOW: Final = pay_call("GET", f"{_STOCK}/use-flow", FlowRequest, FlowAnswer)
REFUND_FLOW: Final = pay_call("GET", f"{_STOCK}/refund-flow", FlowRequest, FlowAnswer)
USE_FLOW_OF_DAY: Final = pay_call("GET", f"{_STOCK}/use-flow-by-day", DayFlowRequest, UseFlowOfDay)
REFUND_FLOW_OF_DAY: Final = pay_call("GET", f"{_STOCK}/refund-flow-by-day", DayFlowRequest, RefundFlowOfDay)
SET_CALLBACK: Final = pay_call("POST", f"{_BASE}/callbacks", SetCallbackRequest, SetCallbackAnswer)
CALLBACK: Final = pay_call("GET", f"{_BASE}/callbacks", CallbackRequest, CallbackAnswer)
UPLOAD_IMAGE: Final = pay_call("POST", f"{_BASE}/media/image-upload", ImageRequest, ImageAnswer)
SEND: Final = pay_call("POST", f"{_BASE}/users/{{openid}}/coupons", SendRequest, SendAnswer)
COUPONS: Final = pay_call("GET", f"{_BASE}/users/{{openid}}/coupons", CouponsRequest, CouponsAnswer)
COUPON: Final = pay_call("GET", f"{_BASE}/users/{{openid}}/coupons/{{coupon_id}}", CouponRequest, Coupon)
