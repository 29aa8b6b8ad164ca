"""Stocks of merchant coupons (商家券): made, changed, and filled with codes of ours.

Source: pay.weixin.qq.com, 商家券 (read 2026). Amounts are in fen. ``irregulary_avaliable_time`` is the
platform's spelling.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Done
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call

CODES_MAX: Final = 200  # In one upload.

UseMethod = Literal["OFF_LINE", "MINI_PROGRAMS", "SELF_CONSUME", "PAYMENT_CODE"]
CodeMode = Literal["WECHATPAY_MODE", "MERCHANT_API", "MERCHANT_UPLOAD"]


class DayTime(Part, frozen=True):
    begin_time: int  # Seconds of the day.
    end_time: int


class WeekTimes(Part, frozen=True):
    week_day: tuple[int, ...] = ()
    available_day_time: tuple[DayTime, ...] = ()


class Span(Part, frozen=True):
    begin_time: str
    end_time: str


class CouponTimes(Part, frozen=True):
    available_begin_time: str
    available_end_time: str
    available_day_after_receive: int = 0
    available_week: WeekTimes | None = None
    irregulary_avaliable_time: tuple[Span, ...] = ()
    wait_days_after_receive: int = 0
    available_second_after_receive: int = 0


class FixedCoupon(Part, frozen=True):
    discount_amount: int
    transaction_minimum: int


class DiscountCoupon(Part, frozen=True):
    discount_percent: int
    transaction_minimum: int


class ExchangeCoupon(Part, frozen=True):
    exchange_price: int
    transaction_minimum: int


class CouponUseRule(Part, frozen=True):
    coupon_available_time: CouponTimes
    use_method: UseMethod
    fixed_normal_coupon: FixedCoupon | None = None
    discount_coupon: DiscountCoupon | None = None
    exchange_coupon: ExchangeCoupon | None = None
    mini_programs_appid: str = ""
    mini_programs_path: str = ""


class SendRule(Part, frozen=True):
    max_coupons: int
    max_coupons_per_user: int  # At most 100.
    max_coupons_by_day: int = 0
    natural_person_limit: bool = False
    prevent_api_abuse: bool = False


class MiniProgramEntrance(Part, frozen=True):
    mini_programs_appid: str
    mini_programs_path: str
    entrance_words: str
    guiding_words: str = ""


class CustomEntrance(Part, frozen=True):
    mini_programs_info: MiniProgramEntrance | None = None
    appid: str = ""
    hall_id: str = ""
    store_id: str = ""
    code_display_mode: str = ""  # NOT_SHOW, BARCODE, QRCODE.


class FinderInfo(Part, frozen=True):
    finder_id: str
    finder_video_id: str
    finder_video_cover_image_url: str


class DisplayPattern(Part, frozen=True):
    description: str = ""
    merchant_logo_url: str = ""
    merchant_name: str = ""
    background_color: str = ""
    coupon_image_url: str = ""
    finder_info: FinderInfo | None = None


class NotifyConfig(Part, frozen=True):
    notify_appid: str = ""


class CreateStockRequest(Request, frozen=True):
    stock_name: str
    belong_merchant: str
    goods_name: str
    stock_type: Literal["NORMAL", "DISCOUNT", "EXCHANGE"]
    coupon_use_rule: CouponUseRule
    stock_send_rule: SendRule
    out_request_no: str
    coupon_code_mode: CodeMode
    comment: str = ""
    custom_entrance: CustomEntrance | None = None
    display_pattern_info: DisplayPattern | None = None
    notify_config: NotifyConfig | None = None
    subsidy: bool = False


class CreateStockAnswer(Answer, frozen=True):
    stock_id: str
    create_time: str = ""


class CodeCount(Part, frozen=True):
    total_count: int = 0
    available_count: int = 0


class SendCount(Part, frozen=True):
    total_send_num: int = 0
    total_send_amount: int = 0
    today_send_num: int = 0
    today_send_amount: int = 0


class StockRequest(Request, frozen=True):
    stock_id: str


class Stock(Answer, frozen=True):
    """``stock_state``: UNAUDIT, RUNNING, STOPED, PAUSED."""

    stock_id: str
    stock_name: str = ""
    belong_merchant: str = ""
    comment: str = ""
    goods_name: str = ""
    stock_type: str = ""
    stock_state: str = ""
    coupon_code_mode: str = ""
    coupon_use_rule: CouponUseRule | None = None
    stock_send_rule: SendRule | None = None
    custom_entrance: CustomEntrance | None = None
    display_pattern_info: DisplayPattern | None = None
    coupon_code_count: CodeCount | None = None
    notify_config: NotifyConfig | None = None
    send_count_information: SendCount | None = None


class ChangedUseRule(Part, frozen=True):
    use_method: UseMethod
    mini_programs_appid: str = ""
    mini_programs_path: str = ""


class ChangedSendRule(Part, frozen=True):
    natural_person_limit: bool | None = None
    prevent_api_abuse: bool | None = None


class ChangeStockRequest(Request, frozen=True):
    stock_id: str
    out_request_no: str
    stock_name: str = ""
    comment: str = ""
    goods_name: str = ""
    custom_entrance: CustomEntrance | None = None
    display_pattern_info: DisplayPattern | None = None
    coupon_use_rule: ChangedUseRule | None = None
    stock_send_rule: ChangedSendRule | None = None
    notify_config: NotifyConfig | None = None


class ChangeBudgetRequest(Request, frozen=True):
    """Of the two budgets one is changed; the current one is named so that no change is lost."""

    stock_id: str
    modify_budget_request_no: str
    target_max_coupons: int = 0
    current_max_coupons: int = 0
    target_max_coupons_by_day: int = 0
    current_max_coupons_by_day: int = 0


class ChangeBudgetAnswer(Answer, frozen=True):
    max_coupons: int = 0
    max_coupons_by_day: int = 0


class UploadCodesRequest(Request, frozen=True):
    stock_id: str
    coupon_code_list: tuple[str, ...]
    upload_request_no: str


class FailedCode(Part, frozen=True):
    coupon_code: str
    code: str = ""
    message: str = ""


class UploadCodesAnswer(Answer, frozen=True):
    stock_id: str
    total_count: int = 0
    success_count: int = 0
    success_codes: tuple[str, ...] = ()
    success_time: str = ""
    fail_count: int = 0
    fail_codes: tuple[FailedCode, ...] = ()
    exist_codes: tuple[str, ...] = ()
    duplicate_codes: tuple[str, ...] = ()


class CodesRequest(Request, frozen=True):
    stock_id: str
    status: str = ""
    appid: str = ""
    offset: int = 0
    limit: int = 20


class CodeState(Part, frozen=True):
    """One code of ours, and who got it when."""

    code: str = ""
    code_status: str = ""
    upload_time: str = ""
    dispatched_time: str = ""
    openid: str = ""
    unionid: str = ""
    coupon_code: str = ""


class CodesAnswer(Answer, frozen=True):
    stock_id: str = ""
    total_count: int = 0
    offset: int = 0
    limit: int = 0
    data: tuple[CodeState, ...] = ()


class CodeRequest(Request, frozen=True):
    stock_id: str
    coupon_code: str
    appid: str = ""


class CodeCoupon(Part, frozen=True):
    """What a code stands for; ``coupon_state`` once somebody has it."""

    stock_id: str = ""
    stock_name: str = ""
    belong_merchant: str = ""
    goods_name: str = ""
    stock_type: str = ""
    coupon_state: str = ""
    coupon_use_rule: CouponUseRule | None = None


class CodeAnswer(Answer, frozen=True):
    code_information: CodeState
    coupon_information: CodeCoupon | None = None


class DropCodeRequest(Request, frozen=True):
    stock_id: str
    coupon_code: str
    delete_request_no: str


class DropCodeAnswer(Answer, frozen=True):
    stock_id: str = ""
    coupon_code: str = ""
    delete_time: str = ""


_BASE: Final = "/v3/marketing/busifavor/stocks"
CREATE_STOCK: Final = pay_call("POST", _BASE, CreateStockRequest, CreateStockAnswer)
STOCK: Final = pay_call("GET", f"{_BASE}/{{stock_id}}", StockRequest, Stock)
CHANGE_STOCK: Final = pay_call("PATCH", f"{_BASE}/{{stock_id}}", ChangeStockRequest, Done)
CHANGE_BUDGET: Final = pay_call(
    "PATCH", f"{_BASE}/{{stock_id}}/budget", ChangeBudgetRequest, ChangeBudgetAnswer
)
UPLOAD_CODES: Final = pay_call(
    "POST", f"{_BASE}/{{stock_id}}/couponcodes", UploadCodesRequest, UploadCodesAnswer
)
_CODE: Final = f"{_BASE}/{{stock_id}}/couponcodes/{{coupon_code}}"
CODES: Final = pay_call("GET", f"{_BASE}/{{stock_id}}/couponcodes", CodesRequest, CodesAnswer)
CODE: Final = pay_call("GET", _CODE, CodeRequest, CodeAnswer)
# Of a code that nobody has yet.
DROP_CODE: Final = pay_call("DELETE", _CODE, DropCodeRequest, DropCodeAnswer)
