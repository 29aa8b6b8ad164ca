"""Gifts after payment (支付有礼): every payment from an amount on brings merchant coupons.

Source: gift-activity models of the official SDKs and the website tree (2026-08), with the wire's spelling.
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.clock import DAY_S, china_time
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, PayCall
from wechat_sandbox.state.pay.busifavor import BusiFavor
from wechat_sandbox.state.pay.cashier import after_payment
from wechat_sandbox.state.pay.orders import Order
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import Anything, Fields, Group, Many, Moment, Text, Whole, read_moment

_ROOT = "/v3/marketing/paygiftactivity"
_ONE = _ROOT + "/activities/{activity_id}"
_IDS = Many(Text(max=16), min=1, max=500)
_DAYS_MAX = 90
_ACTIVITY: Fields = {
    "activity_base_info!": Group(
        {
            "activity_name!": Text(max=13),
            "activity_second_title!": Text(max=30),
            "merchant_logo_url!": Text(max=512),
            "background_color": Text(pattern=r"COLOR\d{3}|Color\d{3}"),
            "begin_time!": Moment(),
            "end_time!": Moment(),
            "available_periods": Anything(),
            "out_request_no!": Text(max=128),
            "delivery_purpose!": Text(one_of=("OFF_LINE_PAY", "JUMP_MINI_APP")),
            "mini_programs_appid": Text(max=32),
            "mini_programs_path": Text(max=128),
        }
    ),
    "award_send_rule!": Group(
        {
            "transaction_amount_minimum!": Whole(min=1),
            "send_content!": Text(one_of=("SINGLE_COUPON", "GIFT_PACKAGE")),
            "award_type!": Text(one_of=("BUSIFAVOR",)),
            "award_list!": Many(
                Group(
                    {
                        "stock_id!": Text(max=20),
                        "original_image_url": Text(max=512),
                        "thumbnail_url": Text(max=512),
                    }
                ),
                min=1,
                max=5,
            ),
            "merchant_option!": Text(one_of=("IN_SEVICE_COUPON_MERCHANT", "MANUAL_INPUT_MERCHANT")),
            "merchant_id_list": _IDS,
        }
    ),
    "advanced_setting": Anything(),
}


@dataclass(slots=True, kw_only=True)
class Activity:
    """One activity; ``body`` is the request that made it."""

    activity_id: str
    mchid: str
    body: dict[str, Any]
    created_at: float
    merchants: list[str] = field(default_factory=list)
    ended_at: float = 0.0
    done: dict[str, float] = field(default_factory=dict)

    @property
    def base(self) -> dict[str, Any]:
        return dict(self.body["activity_base_info"])

    @property
    def rule(self) -> dict[str, Any]:
        return dict(self.body["award_send_rule"])

    def status(self, at: float) -> str:
        if self.ended_at:
            return "TERMINATE_ACT_STATUS"
        if at >= read_moment(self.base["end_time"]):
            return "OVER_TIME_ACT_STATUS"
        begun = at >= read_moment(self.base["begin_time"])
        return "ONGOING_ACT_STATUS" if begun else "CREATE_ACT_STATUS"

    def wire(self, at: float) -> dict[str, Any]:
        return {
            "activity_id": self.activity_id,
            "activity_type": "FULL_SEND_ACT_TYPE",
            "activity_base_info": self.base,
            # Asked for flat, told by the kind of the activity.
            "award_send_rule": {"full_send_rule": self.rule},
            "advanced_setting": self.body.get("advanced_setting", {}),
            "activity_status": self.status(at),
            "creator_merchant_id": self.mchid,
            "belong_merchant_id": self.mchid,
            "create_time": china_time(self.created_at),
            "update_time": china_time(self.ended_at or self.created_at),
        }


@PAY.post(f"{_ROOT}/unique-threshold-activity", _ACTIVITY)
def make(call: PayCall) -> Answer:
    """Make an activity that gives coupons to everyone who pays enough."""
    shelf, body = _shelf(call.pay), call.body
    number = body["activity_base_info"]["out_request_no"]
    for known in shelf.values(""):
        if (known.mchid, known.base["out_request_no"]) == (call.merchant.mchid, number):
            if known.body != body:
                raise PayError("RESOURCE_ALREADY_EXISTS", "商户请求单号已存在,但参数不一致")
            return {"activity_id": known.activity_id, "create_time": china_time(known.created_at)}
    made = Activity(
        activity_id=str(10_000_000 + call.pay.ordinal()),
        mchid=call.merchant.mchid,
        body=body,
        created_at=call.at,
        merchants=body["award_send_rule"].get("merchant_id_list", [call.merchant.mchid]),
    )
    _check(call, made)
    shelf.put("", made.activity_id, made)
    return {"activity_id": made.activity_id, "create_time": china_time(made.created_at)}


@PAY.get(f"{_ROOT}/activities")
def list_all(call: PayCall) -> Answer:
    """The merchant's activities."""
    query = call.query
    found = [
        one
        for one in _shelf(call.pay).values("")
        if one.mchid == call.merchant.mchid
        and query.get("activity_name", "") in one.base["activity_name"]
        and query.get("activity_status") in (None, "", one.status(call.at))
        and query.get("award_type") in (None, "", one.rule["award_type"])
    ]
    return _page(call, [one.wire(call.at) for one in found])


@PAY.get(_ONE)
def show(call: PayCall) -> Answer:
    """One activity."""
    return _find(call).wire(call.at)


@PAY.get(_ONE + "/merchants")
def list_merchants(call: PayCall) -> Answer:
    """At which merchants it holds."""
    found = _find(call)
    rows = [
        {"mchid": one, "merchant_name": merchant.name if (merchant := call.pay.merchants.find(one)) else ""}
        for one in found.merchants
    ]
    return _page(call, rows) | {"activity_id": found.activity_id}


@PAY.get(_ONE + "/goods")
def list_goods(call: PayCall) -> Answer:
    """For which goods it holds; a full-amount activity has none."""
    found = _find(call)
    tags = (found.body.get("advanced_setting") or {}).get("goods_tags", [])
    return _page(call, [{"goods_id": one} for one in tags]) | {"activity_id": found.activity_id}


@PAY.post(_ONE + "/merchants/add", {"merchant_id_list": _IDS, "add_request_no!": Text(max=128)})
def add_merchants(call: PayCall) -> Answer:
    """Let it hold at more merchants."""
    found, given = _find(call), call.body.get("merchant_id_list", [])
    unknown = [one for one in given if call.pay.merchants.find(one) is None]
    found.merchants += [one for one in given if one not in unknown and one not in found.merchants]
    return _changed(call, found, "add", unknown)


@PAY.post(_ONE + "/merchants/delete", {"merchant_id_list": _IDS, "delete_request_no!": Text(max=128)})
def delete_merchants(call: PayCall) -> Answer:
    """Let it no longer hold at merchants."""
    found, gone = _find(call), call.body.get("merchant_id_list", [])
    found.merchants = [one for one in found.merchants if one not in gone]
    return _changed(call, found, "delete", [])


@PAY.post(_ONE + "/terminate", {})
def terminate(call: PayCall) -> Answer:
    """End it."""
    found = _find(call)
    if not found.ended_at and found.status(call.at) == "OVER_TIME_ACT_STATUS":
        raise PayError("INVALID_REQUEST", "活动已结束")
    found.ended_at = found.ended_at or call.at
    _shelf(call.pay).put("", found.activity_id, found)
    return {"activity_id": found.activity_id, "terminate_time": china_time(found.ended_at)}


@after_payment
def give(pay: Pay, order: Order) -> None:
    """Give the gifts of every activity a payment is enough for."""
    account = pay.account(order.appid)
    for one in _shelf(pay).values("") if account is not None else ():
        running = one.status(order.paid_at) == "ONGOING_ACT_STATUS" and order.mchid in one.merchants
        if not running or order.total < one.rule["transaction_amount_minimum"]:
            continue
        for award in one.rule["award_list"]:
            _give_one(pay, one, award["stock_id"], order)


def _give_one(pay: Pay, activity: Activity, stock_id: str, order: Order) -> None:
    coupons = BusiFavor(pay)
    stock = coupons.find(stock_id)
    try:
        if stock is not None:
            coupons.send(
                stock,
                appid=order.appid,
                openid=order.payer_openid,
                number=f"paygift-{activity.activity_id}-{order.transaction_id}",
                at=order.paid_at,
                channel="PAYGIFT",
                attach={"transaction_id": order.transaction_id, "activity_id": activity.activity_id},
            )
    except PayError:
        return  # Nothing is left of this coupon: the payer just gets none.


def _check(call: PayCall, made: Activity) -> None:
    begin, end = read_moment(made.base["begin_time"]), read_moment(made.base["end_time"])
    if not begin < end <= begin + _DAYS_MAX * DAY_S or end <= call.at:
        raise param_error("/body/activity_base_info/end_time", made.base["end_time"], "活动最长 90 天")
    awards = made.rule["award_list"]
    package = made.rule["send_content"] == "GIFT_PACKAGE"
    if (package and not 3 <= len(awards) <= 5) or (not package and len(awards) != 1):
        raise param_error("/body/award_send_rule/award_list", len(awards), "单张券一个,礼包三至五个")
    if made.rule["merchant_option"] != "MANUAL_INPUT_MERCHANT":
        raise PayError("INVALID_REQUEST", "商家券仅支持手动填写商户")
    for award in awards:
        if BusiFavor(call.pay).find(award["stock_id"]) is None:
            raise PayError("RESOURCE_NOT_EXISTS", "奖品批次不存在")


def _changed(call: PayCall, found: Activity, verb: str, unknown: list[str]) -> dict[str, Any]:
    key = f"{verb} {call.body[f'{verb}_request_no']}"
    at = found.done.setdefault(key, call.at)
    _shelf(call.pay).put("", found.activity_id, found)
    shown: dict[str, Any] = {"activity_id": found.activity_id, f"{verb}_time": china_time(at)}
    if verb == "add":
        shown["invalid_merchant_id_list"] = [
            {"mchid": one, "invalid_reason": "商户不存在"} for one in unknown
        ]
    return shown


def _page(call: PayCall, rows: list[dict[str, Any]]) -> dict[str, Any]:
    offset, limit = call.number("offset"), call.number("limit", low=1, high=50)
    return {
        "data": rows[offset : offset + limit],
        "total_count": len(rows),
        "offset": offset,
        "limit": limit,
    }


def _find(call: PayCall) -> Activity:
    found = _shelf(call.pay).find("", call.params["activity_id"])
    if found is None or found.mchid != call.merchant.mchid:
        raise PayError("RESOURCE_NOT_EXISTS", "活动不存在")
    return found


def _shelf(pay: Pay) -> "Shelf[Activity]":
    return Shelf(pay.store, "pay_gift", Activity)
