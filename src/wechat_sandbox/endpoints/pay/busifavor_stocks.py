"""Merchant coupons: stocks, budgets, codes, callback address. Source: website tree (2026-08)."""

from wechat_sandbox.clock import china_time
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, Limit, PayCall
from wechat_sandbox.state.pay.busifavor import BY_API, PLATFORM, UPLOADED, BusiFavor, BusiStock
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import URL, Anything, Fields, Flag, Group, Many, Moment, Text, Whole

_ROOT = "/v3/marketing/busifavor"
_STOCKS = f"{_ROOT}/stocks"
_MINIMUM = Whole(min=1, max=10_000_000)
_TIMES = Group(
    {
        "available_begin_time!": Moment(),
        "available_end_time!": Moment(),
        "available_day_after_receive": Whole(min=1),
        "available_week": Anything(),
        "irregulary_avaliable_time": Anything(),
        "wait_days_after_receive": Whole(max=30),
        "available_second_after_receive": Whole(min=1),
    }
)
_USE_RULE = Group(
    {
        "coupon_available_time!": _TIMES,
        "fixed_normal_coupon": Group({"discount_amount!": _MINIMUM, "transaction_minimum!": _MINIMUM}),
        "discount_coupon": Group(
            {"discount_percent!": Whole(min=1, max=99), "transaction_minimum!": _MINIMUM}
        ),
        "exchange_coupon": Group({"exchange_price!": Whole(), "transaction_minimum!": Whole()}),
        "use_method!": Text(one_of=("OFF_LINE", "MINI_PROGRAMS", "SELF_CONSUME", "PAYMENT_CODE")),
        "mini_programs_appid": Text(max=32),
        "mini_programs_path": Text(max=128),
    }
)
_SEND_RULE = Group(
    {
        "max_coupons!": Whole(min=1, max=1_000_000_000),
        "max_coupons_per_user!": Whole(min=1, max=100),
        "max_coupons_by_day": Whole(min=1),
        "max_amount": Whole(),
        "max_amount_by_day": Whole(),
        "natural_person_limit": Flag(),
        "prevent_api_abuse": Flag(),
        "transferable": Flag(),
        "shareable": Flag(),
    }
)
_STOCK: Fields = {
    "stock_name!": Text(max=21),
    "belong_merchant!": Text(min=8, max=15),
    "comment": Text(max=20),
    "goods_name!": Text(max=15),
    "stock_type!": Text(one_of=("NORMAL", "DISCOUNT", "EXCHANGE")),
    "coupon_use_rule!": _USE_RULE,
    "stock_send_rule!": _SEND_RULE,
    "out_request_no!": Text(max=128),
    "custom_entrance": Anything(),
    "display_pattern_info": Anything(),
    "coupon_code_mode!": Text(one_of=(PLATFORM, BY_API, UPLOADED)),
    "notify_config": Anything(),
    "subsidy": Flag(),
}
_RULE_OF = {"NORMAL": "fixed_normal_coupon", "DISCOUNT": "discount_coupon", "EXCHANGE": "exchange_coupon"}


@PAY.post(_STOCKS, _STOCK, limit=Limit(calls=1000, seconds=60))
def make_stock(call: PayCall) -> Answer:
    """Make a stock; it runs at once."""
    body, coupons = call.body, BusiFavor(call.pay)
    rule = body["coupon_use_rule"]
    if _RULE_OF[body["stock_type"]] not in rule:
        raise param_error(f"/body/coupon_use_rule/{_RULE_OF[body['stock_type']]}", None, "与批次类型不符")
    key = f"make {call.merchant.mchid} {body['out_request_no']}"
    known = coupons.find(coupons.requests.find("", key) or "")
    if known is None:
        known = BusiStock(
            stock_id=call.pay.digits("1", call.at, 16),
            mchid=call.merchant.mchid,
            body=body,
            created_at=call.at,
        )
        if known.begins_at >= known.ends_at or known.ends_at <= call.at:
            raise PayError("PARAM_ERROR", "批次有效期的结束时间应晚于开始时间与现在")
        coupons.keep(known)
        coupons.requests.put("", key, known.stock_id)
    elif known.body != body:
        raise PayError("RESOURCE_ALREADY_EXISTS", "商户请求单号已存在,但参数不一致")
    return {"stock_id": known.stock_id, "create_time": china_time(known.created_at)}


@PAY.get(_STOCKS + "/{stock_id}")
def show_stock(call: PayCall) -> Answer:
    """One stock with how many of it were sent."""
    return BusiFavor(call.pay).wire_stock(find_stock(call), call.at)


@PAY.patch(
    _STOCKS + "/{stock_id}",
    {
        "out_request_no!": Text(max=128),
        "stock_name": Text(max=21),
        "comment": Text(max=20),
        "goods_name": Text(max=15),
        "custom_entrance": Anything(),
        "display_pattern_info": Anything(),
        "coupon_use_rule": Anything(),
        "stock_send_rule": Anything(),
        "notify_config": Anything(),
        "subsidy": Flag(),
    },
)
def change_stock(call: PayCall) -> None:
    """Change how a stock looks and how its coupons are used."""
    stock = find_stock(call)
    for name, value in call.body.items():
        if name == "out_request_no":
            continue
        old = stock.body.get(name)
        stock.body[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    BusiFavor(call.pay).keep(stock)


@PAY.patch(
    _STOCKS + "/{stock_id}/budget",
    {
        "target_max_coupons": Whole(min=1),
        "target_max_coupons_by_day": Whole(min=1),
        "current_max_coupons": Whole(min=1),
        "current_max_coupons_by_day": Whole(min=1),
        "modify_budget_request_no!": Text(max=128),
    },
)
def change_budget(call: PayCall) -> Answer:
    """Change how many coupons may be sent, in all or on a day."""
    stock, body = find_stock(call), call.body
    rule = stock.body["stock_send_rule"]
    chosen = [name for name in ("max_coupons", "max_coupons_by_day") if f"target_{name}" in body]
    if len(chosen) != 1:
        raise PayError("PARAM_ERROR", "目标总预算与目标单天预算二选一")
    name = chosen[0]
    current = body.get(f"current_{name}")
    if current is not None and current != rule.get(name):
        raise PayError("INVALID_REQUEST", "当前预算与传入的不一致")
    if name == "max_coupons" and body["target_max_coupons"] < stock.sent:
        raise PayError("INVALID_REQUEST", "目标预算小于已发放数量")
    rule[name] = body[f"target_{name}"]
    BusiFavor(call.pay).keep(stock)
    return {"max_coupons": rule["max_coupons"], "max_coupons_by_day": rule.get("max_coupons_by_day", 0)}


@PAY.post(
    _STOCKS + "/{stock_id}/couponcodes",
    {"coupon_code_list!": Many(Text(max=32), min=1, max=200), "upload_request_no!": Text(max=128)},
)
def upload_codes(call: PayCall) -> Answer:
    """Bring codes for a stock whose codes are the merchant's own."""
    stock, codes = find_stock(call), call.body["coupon_code_list"]
    if stock.mode != UPLOADED:
        raise PayError("INVALID_REQUEST", "批次的券码模式不是预存")
    taken, known, twice = BusiFavor(call.pay).upload(stock, codes, call.at)
    return {
        "stock_id": stock.stock_id,
        "total_count": len(codes),
        "success_count": len(taken),
        "success_codes": taken,
        "success_time": china_time(call.at),
        "fail_count": 0,
        "fail_codes": [],
        "exist_codes": known,
        "duplicate_codes": twice,
    }


@PAY.get(_STOCKS + "/{stock_id}/couponcodes")
def list_codes(call: PayCall) -> Answer:
    """The codes that were brought."""
    stock, wanted = find_stock(call), call.query.get("status", "")
    offset, limit = call.number("offset", 0), call.number("limit", 20, low=1, high=100)
    found = [row for row in BusiFavor(call.pay).codes(stock) if wanted in ("", row[1])]
    rows = [
        BusiFavor(call.pay).wire_code(stock, code, state) for code, state in found[offset : offset + limit]
    ]
    counts = {"total_count": len(found), "offset": offset, "limit": limit}
    return {"stock_id": stock.stock_id, "data": rows} | counts


@PAY.get(_STOCKS + "/{stock_id}/couponcodes/{coupon_code}")
def show_code(call: PayCall) -> Answer:
    """One of the codes."""
    stock = find_stock(call)
    state = dict(BusiFavor(call.pay).codes(stock)).get(call.params["coupon_code"])
    if state is None:
        raise PayError("RESOURCE_NOT_EXISTS", "券码不存在")
    coupons, code = BusiFavor(call.pay), call.params["coupon_code"]
    coupon = coupons.coupon(stock.stock_id, code)
    return {
        "code_information": coupons.wire_code(stock, code, state),
        "coupon_information": coupons.wire(coupon, call.at) if coupon else coupons.wire_stock(stock, call.at),
    }


@PAY.delete(_STOCKS + "/{stock_id}/couponcodes/{coupon_code}")
def drop_code(call: PayCall) -> Answer:
    """Take a code back that nobody holds."""
    stock = find_stock(call)
    if not BusiFavor(call.pay).drop_code(stock, call.params["coupon_code"]):
        raise PayError("RESOURCE_NOT_EXISTS", "券码不存在或已发放")
    return {"stock_id": stock.stock_id, "delete_time": china_time(call.at)}


@PAY.post(f"{_ROOT}/callbacks", {"mchid": Text(max=20), "notify_url!": URL})
def set_callback(call: PayCall) -> Answer:
    """Say where received coupons are told."""
    call.pay.merchants.change(call.merchant, {"busifavor_notify_url": call.body["notify_url"]})
    return {
        "mchid": call.merchant.mchid,
        "notify_url": call.body["notify_url"],
        "update_time": china_time(call.at),
    }


@PAY.get(f"{_ROOT}/callbacks")
def show_callback(call: PayCall) -> Answer:
    """Where received coupons are told."""
    if not call.merchant.busifavor_notify_url:
        raise PayError("RESOURCE_NOT_EXISTS", "未设置回调地址")
    return {"mchid": call.needed("mchid"), "notify_url": call.merchant.busifavor_notify_url}


def find_stock(call: PayCall, stock_id: str = "") -> BusiStock:
    """Return a stock of the merchant, named in the path or otherwise."""
    found = BusiFavor(call.pay).find(stock_id or call.params["stock_id"])
    mine = found is not None and call.merchant.mchid in (found.mchid, found.body["belong_merchant"])
    if found is None or not mine:
        raise PayError("RESOURCE_NOT_EXISTS", "批次不存在")
    return found
