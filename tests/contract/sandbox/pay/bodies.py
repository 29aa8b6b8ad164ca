"""Requests that more than one test makes."""

from typing import Any

BEGIN, END = "2026-03-01T12:00:00+08:00", "2026-03-31T12:00:00+08:00"


def favor_stock(
    mchid: str, number: str, *, amount: int = 100, minimum: int = 500, **more: Any
) -> dict[str, Any]:
    """A stock of ten cash coupons."""
    return {
        "stock_name": "满减券",
        "belong_merchant": mchid,
        "available_begin_time": BEGIN,
        "available_end_time": END,
        "stock_use_rule": {
            "max_coupons": 10,
            "max_amount": 10 * amount,
            "max_coupons_per_user": 2,
            "natural_person_limit": False,
            "prevent_api_abuse": False,
        },
        "coupon_use_rule": {
            "fixed_normal_coupon": {"coupon_amount": amount, "transaction_minimum": minimum},
            "available_merchants": [mchid],
        },
        "no_cash": False,
        "stock_type": "NORMAL",
        "out_request_no": number,
    } | more


def busi_stock(mchid: str, number: str, **more: Any) -> dict[str, Any]:
    """A stock of merchant coupons with codes of the platform."""
    return {
        "stock_name": "八折券",
        "belong_merchant": mchid,
        "goods_name": "茶",
        "stock_type": "NORMAL",
        "coupon_use_rule": {
            "coupon_available_time": {"available_begin_time": BEGIN, "available_end_time": END},
            "fixed_normal_coupon": {"discount_amount": 100, "transaction_minimum": 500},
            "use_method": "OFF_LINE",
        },
        "stock_send_rule": {"max_coupons": 100, "max_coupons_per_user": 3},
        "out_request_no": number,
        "coupon_code_mode": "WECHATPAY_MODE",
    } | more


def gift(stock_id: str, number: str, mchid: str) -> dict[str, Any]:
    """An activity that gives a coupon to who pays ten yuan."""
    return {
        "activity_base_info": {
            "activity_name": "满十元送",
            "activity_second_title": "送券",
            "merchant_logo_url": "https://wxpaylogo.qpic.cn/a",
            "begin_time": BEGIN,
            "end_time": END,
            "out_request_no": number,
            "delivery_purpose": "OFF_LINE_PAY",
        },
        "award_send_rule": {
            "transaction_amount_minimum": 1000,
            "send_content": "SINGLE_COUPON",
            "award_type": "BUSIFAVOR",
            "award_list": [{"stock_id": stock_id}],
            "merchant_option": "MANUAL_INPUT_MERCHANT",
            "merchant_id_list": [mchid],
        },
    }


def service_order(appid: str, number: str, url: str, **more: Any) -> dict[str, Any]:
    """A service order with ten yuan at risk."""
    return {
        "appid": appid,
        "service_id": "500001",
        "out_order_no": number,
        "service_introduction": "充电宝",
        "time_range": {"start_time": "OnAccept"},
        "risk_fund": {"name": "DEPOSIT", "amount": 1000},
        "notify_url": url,
    } | more
