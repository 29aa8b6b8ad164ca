"""Gifts after a payment (支付有礼): who pays enough is offered coupons.

Source: pay.weixin.qq.com, 支付有礼 (read 2026). At most 90 days. ``IN_SEVICE_COUPON_MERCHANT`` is the
platform's spelling; coupons of merchants need ``MANUAL_INPUT_MERCHANT``.
"""

from typing import Any, Final, Literal

from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call


class Period(Part, frozen=True):
    begin_time: str
    end_time: str


class DayPeriod(Part, frozen=True):
    begin_day_time: str
    end_day_time: str


class Periods(Part, frozen=True):
    available_time: tuple[Period, ...] = ()
    available_day_time: tuple[DayPeriod, ...] = ()


class BaseInfo(Part, frozen=True):
    activity_name: str
    activity_second_title: str
    merchant_logo_url: str
    begin_time: str
    end_time: str
    out_request_no: str
    delivery_purpose: Literal["OFF_LINE_PAY", "JUMP_MINI_APP"]
    background_color: str = ""
    available_periods: Periods | None = None
    mini_programs_appid: str = ""
    mini_programs_path: str = ""


class Award(Part, frozen=True):
    stock_id: str
    original_image_url: str = ""
    thumbnail_url: str = ""


class SendRule(Part, frozen=True):
    transaction_amount_minimum: int  # Fen.
    send_content: Literal["SINGLE_COUPON", "GIFT_PACKAGE"]
    award_type: Literal["BUSIFAVOR"]
    merchant_option: Literal["IN_SEVICE_COUPON_MERCHANT", "MANUAL_INPUT_MERCHANT"]
    award_list: tuple[Award, ...] = ()
    merchant_id_list: tuple[str, ...] = ()


class KnownRule(Part, frozen=True):
    """What an activity gives, as it is told: by its kind, full amounts or steps."""

    full_send_rule: SendRule | None = None
    step_send_rule: dict[str, Any] | None = None  # Made in the merchant console alone.


class PaymentMethod(Part, frozen=True):
    payment_method: Literal["CFT", "SPECIFIC_BANK_CARD"]
    bank_abbreviation: str = ""


class PaymentMode(Part, frozen=True):
    payment_scene_list: tuple[str, ...] = ()
    payment_method_information: PaymentMethod | None = None


class AdvancedSetting(Part, frozen=True):
    delivery_user_category: str = ""
    merchant_member_appid: str = ""
    payment_mode: PaymentMode | None = None
    goods_tags: tuple[str, ...] = ()


class CreateRequest(Request, frozen=True):
    activity_base_info: BaseInfo
    award_send_rule: SendRule
    advanced_setting: AdvancedSetting | None = None


class CreateAnswer(Answer, frozen=True):
    activity_id: str
    create_time: str = ""


class Activity(Answer, frozen=True):
    """``activity_status``: CREATE_ACT_STATUS, ONGOING_ACT_STATUS, TERMINATE_ACT_STATUS, STOP_ACT_STATUS, …"""

    activity_id: str
    activity_type: str = ""
    activity_status: str = ""
    creator_merchant_id: str = ""
    belong_merchant_id: str = ""
    create_time: str = ""
    update_time: str = ""
    pause_time: str = ""
    recovery_time: str = ""
    activity_base_info: BaseInfo | None = None
    award_send_rule: KnownRule | None = None
    advanced_setting: AdvancedSetting | None = None


class ActivitiesRequest(Request, frozen=True):
    offset: int
    limit: int
    activity_name: str = ""
    activity_status: str = ""
    award_type: str = ""


class ActivitiesAnswer(Answer, frozen=True):
    data: tuple[Activity, ...] = ()
    total_count: int = 0
    offset: int = 0
    limit: int = 0


class ActivityRequest(Request, frozen=True):
    activity_id: str


class PageRequest(Request, frozen=True):
    activity_id: str
    offset: int
    limit: int


class MerchantRow(Part, frozen=True):
    mchid: str = ""
    merchant_name: str = ""
    create_time: str = ""
    update_time: str = ""


class MerchantsAnswer(Answer, frozen=True):
    activity_id: str = ""
    data: tuple[MerchantRow, ...] = ()
    total_count: int = 0
    offset: int = 0
    limit: int = 0


class GoodsRow(Part, frozen=True):
    goods_id: str = ""
    create_time: str = ""
    update_time: str = ""


class GoodsAnswer(Answer, frozen=True):
    activity_id: str = ""
    data: tuple[GoodsRow, ...] = ()
    total_count: int = 0
    offset: int = 0
    limit: int = 0


class AddMerchantsRequest(Request, frozen=True):
    activity_id: str
    add_request_no: str
    merchant_id_list: tuple[str, ...]


class DeleteMerchantsRequest(Request, frozen=True):
    activity_id: str
    delete_request_no: str
    merchant_id_list: tuple[str, ...]


class InvalidMerchant(Part, frozen=True):
    mchid: str = ""
    invalid_reason: str = ""


class AddMerchantsAnswer(Answer, frozen=True):
    activity_id: str
    invalid_merchant_id_list: tuple[InvalidMerchant, ...] = ()
    add_time: str = ""


class DeleteMerchantsAnswer(Answer, frozen=True):
    activity_id: str
    delete_time: str = ""


class TerminateAnswer(Answer, frozen=True):
    activity_id: str
    terminate_time: str = ""


_BASE: Final = "/v3/marketing/paygiftactivity"
_ONE: Final = f"{_BASE}/activities/{{activity_id}}"
CREATE: Final = pay_call("POST", f"{_BASE}/unique-threshold-activity", CreateRequest, CreateAnswer)
ACTIVITIES: Final = pay_call("GET", f"{_BASE}/activities", ActivitiesRequest, ActivitiesAnswer)
ACTIVITY: Final = pay_call("GET", _ONE, ActivityRequest, Activity)
MERCHANTS: Final = pay_call("GET", f"{_ONE}/merchants", PageRequest, MerchantsAnswer)
GOODS: Final = pay_call("GET", f"{_ONE}/goods", PageRequest, GoodsAnswer)
ADD_MERCHANTS: Final = pay_call("POST", f"{_ONE}/merchants/add", AddMerchantsRequest, AddMerchantsAnswer)
DELETE_MERCHANTS: Final = pay_call(
    "POST", f"{_ONE}/merchants/delete", DeleteMerchantsRequest, DeleteMerchantsAnswer
)
TERMINATE: Final = pay_call("POST", f"{_ONE}/terminate", ActivityRequest, TerminateAnswer)
