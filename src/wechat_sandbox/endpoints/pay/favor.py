"""Cash coupons: stocks, sending, looking at them. Source: website tree and official SDK models (2026)."""

from datetime import date
from typing import Any

from wechat_sandbox.clock import china_day, china_time
from wechat_sandbox.endpoints.pay.registry import PAY, Answer, File, Limit, PayCall
from wechat_sandbox.state.pay.downloads import Downloads
from wechat_sandbox.state.pay.favor import PAUSED, RUNNING, USED, Favor, FavorCoupon, FavorStock
from wechat_sandbox.wire.pay import crypto
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import (
    URL,
    Anything,
    Fields,
    Flag,
    Group,
    Many,
    Moment,
    Text,
    Whole,
    read_moment,
)

_ROOT = "/v3/marketing/favor"
_STOCKS = f"{_ROOT}/stocks"
_DAY_S = 86_400.0
_FlowRow = tuple[float, FavorCoupon, str, str]  # When, which, of which payment, at which merchant.
_MCHID = Text(max=20)
_USE_RULE = Group(
    {
        "coupon_available_time": Anything(),
        "fixed_normal_coupon": Group(
            {"coupon_amount!": Whole(min=2, max=100_000), "transaction_minimum!": Whole(min=1)}
        ),
        "discount_coupon": Anything(),
        "exchange_coupon": Anything(),
        "goods_tag": Many(Text(max=128), max=50),
        "limit_pay": Many(Text(), min=1, max=1),
        "limit_card": Anything(),
        "trade_type": Many(Text(one_of=("MICROAPP", "APPPAY", "PPAY", "CARD", "FACE", "OTHER"))),
        "available_items": Many(Text(max=128), max=50),
        "unavailable_items": Many(Text(max=128), max=50),
        "available_merchants": Many(_MCHID, max=50),
        "combine_use": Flag(),
    }
)
_STOCK: Fields = {
    "stock_name!": Text(max=20),
    "comment": Text(max=60),
    "belong_merchant!": _MCHID,
    "available_begin_time!": Moment(),
    "available_end_time!": Moment(),
    "stock_use_rule!": Group(
        {
            "max_coupons!": Whole(min=5, max=10_000_000),
            "max_amount!": Whole(min=1, max=10**10),
            "max_amount_by_day": Whole(min=1),
            "max_coupons_per_user!": Whole(min=1, max=60),
            "natural_person_limit!": Flag(),
            "prevent_api_abuse!": Flag(),
        }
    ),
    "pattern_info": Group(
        {
            "description!": Text(max=1000),
            "merchant_logo": Text(max=128),
            "merchant_name": Text(max=12),
            "background_color": Text(pattern=r"Color\d{3}"),
            "coupon_image": Text(max=128),
            "jump_target": Text(one_of=("PAYMENT_CODE", "MINI_PROGRAM", "DEFAULT_PAGE")),
            "mini_program_appid": Text(max=32),
            "mini_program_path": Text(max=128),
        }
    ),
    "coupon_use_rule!": _USE_RULE,
    "no_cash!": Flag(),
    "stock_type!": Text(one_of=("NORMAL", "DISCOUNT", "DISCOUNT_CUT", "RANDOM", "EXCHAHGE")),
    "out_request_no!": Text(max=128),
    "ext_info": Text(max=128),
}
_CREATOR: Fields = {"stock_creator_mchid!": _MCHID}


@PAY.post(f"{_ROOT}/coupon-stocks", _STOCK)
def make_stock(call: PayCall) -> Answer:
    """Make a stock; it runs once it is activated."""
    body, favor = call.body, Favor(call.pay)
    key = f"make {call.merchant.mchid} {body['out_request_no']}"
    known = favor.find(favor.requests.find("", key) or "", call.at)
    if known is None:
        _check_stock(call)
        known = FavorStock(
            stock_id=str(9_000_000 + call.pay.ordinal()),
            mchid=call.merchant.mchid,
            body=body,
            created_at=call.at,
        )
        favor.keep(known)
        favor.requests.put("", key, known.stock_id)
    elif known.body != body:
        raise PayError("RESOURCE_ALREADY_EXISTS", "商户请求单号已存在,但参数不一致")
    return {"stock_id": known.stock_id, "create_time": china_time(known.created_at)}


@PAY.post(_STOCKS + "/{stock_id}/start", _CREATOR)
def start(call: PayCall) -> Answer:
    """Activate a stock; the budget is set aside."""
    stock = _own(call)
    Favor(call.pay).activate(stock, call.at)
    return {"start_time": china_time(stock.started_at), "stock_id": stock.stock_id}


@PAY.post(_STOCKS + "/{stock_id}/pause", _CREATOR)
def pause(call: PayCall) -> Answer:
    """Send no more for now."""
    return {"pause_time": _turn(call, RUNNING, PAUSED), "stock_id": call.params["stock_id"]}


@PAY.post(_STOCKS + "/{stock_id}/restart", _CREATOR)
def restart(call: PayCall) -> Answer:
    """Go on sending."""
    return {"restart_time": _turn(call, PAUSED, RUNNING), "stock_id": call.params["stock_id"]}


@PAY.get(_STOCKS)
def list_stocks(call: PayCall) -> Answer:
    """The stocks of a maker, newest first; ``offset`` counts pages."""
    favor, offset, limit = Favor(call.pay), call.number("offset"), call.number("limit", low=1, high=10)
    mchid = call.needed("stock_creator_mchid")
    found = [favor.find(one.stock_id, call.at) or one for one in reversed(favor.stocks.values(mchid))]
    since = _moment(call, "create_start_time", 0.0)
    until = _moment(call, "create_end_time", float("inf"))
    wanted = call.query.get("status")
    found = [one for one in found if since <= one.created_at <= until and wanted in (None, "", one.status)]
    page = found[offset * limit : (offset + 1) * limit]
    return {
        "total_count": len(found),
        "limit": limit,
        "offset": offset,
        "data": [one.wire() for one in page],
    }


@PAY.get(_STOCKS + "/{stock_id}", limit=Limit(calls=1000))
def show_stock(call: PayCall) -> Answer:
    """One stock."""
    return _stock(call, call.needed("stock_creator_mchid")).wire()


@PAY.get(_STOCKS + "/{stock_id}/merchants")
def list_merchants(call: PayCall) -> Answer:
    """Where its coupons can be used."""
    stock = _stock(call, call.needed("stock_creator_mchid"))
    return _rows(call, stock, stock.rule.get("available_merchants") or [stock.body["belong_merchant"]])


@PAY.get(_STOCKS + "/{stock_id}/items")
def list_items(call: PayCall) -> Answer:
    """For which goods its coupons can be used."""
    stock = _stock(call, call.needed("stock_creator_mchid"))
    return _rows(call, stock, stock.rule.get("available_items") or [])


@PAY.post(
    _STOCKS + "/{stock_id}/modify-goods-id",
    {**_CREATOR, "add_goods_id_list": Many(Text(max=128)), "delete_goods_id_list": Many(Text(max=128))},
)
def change_items(call: PayCall) -> Answer:
    """Change for which goods its coupons can be used."""
    stock = _own(call)
    gone = set(call.body.get("delete_goods_id_list", []))
    items = [one for one in stock.rule.get("available_items", []) if one not in gone]
    items += [one for one in call.body.get("add_goods_id_list", []) if one not in items]
    if len(items) > 50:
        raise PayError("INVALID_REQUEST", "可用商品最多 50 个")
    stock.body["coupon_use_rule"]["available_items"] = items
    Favor(call.pay).keep(stock)
    return {"stock_id": stock.stock_id}


@PAY.get(_STOCKS + "/{stock_id}/use-flow")
def use_flow(call: PayCall) -> Answer:
    """A file of where its coupons were used."""
    return _flow(call, _used(call))


@PAY.get(_STOCKS + "/{stock_id}/use-flow-by-day")
def use_flow_of_day(call: PayCall) -> Answer:
    """The same of one day."""
    return _day_flow(call, _used(call), "stock_useflow")


@PAY.get(_STOCKS + "/{stock_id}/refund-flow")
def refund_flow(call: PayCall) -> Answer:
    """A file of its coupons that came back by refunds."""
    return _flow(call, _recovered(call))


@PAY.get(_STOCKS + "/{stock_id}/refund-flow-by-day")
def refund_flow_of_day(call: PayCall) -> Answer:
    """The same of one day."""
    return _day_flow(call, _recovered(call), "stock_refundflow")


@PAY.get(f"{_ROOT}/flow-file")
def download_flow(call: PayCall) -> Answer:
    """The file itself; the answer is not signed."""
    content, kind = Downloads(call.pay).fetch(call.merchant.mchid, call.needed("token"), call.at)
    return File(content=content, content_type=kind)


@PAY.post(f"{_ROOT}/callbacks", {"mchid!": _MCHID, "notify_url!": URL, "switch": Flag()})
def set_callback(call: PayCall) -> Answer:
    """Say where used coupons are told."""
    url = call.body["notify_url"] if call.body.get("switch", True) else ""
    call.pay.merchants.change(call.merchant, {"favor_notify_url": url})
    return {"update_time": china_time(call.at), "notify_url": call.body["notify_url"]}


@PAY.get(f"{_ROOT}/callbacks")
def show_callback(call: PayCall) -> Answer:
    """Where used coupons are told."""
    if not call.merchant.favor_notify_url:
        raise PayError("RESOURCE_NOT_EXISTS", "未设置回调地址")
    return {"mchid": call.needed("mchid"), "notify_url": call.merchant.favor_notify_url}


@PAY.post(
    _ROOT + "/users/{openid}/coupons",
    {
        "stock_id!": Text(max=20),
        "out_request_no!": Text(max=128, pattern=r"[0-9A-Za-z|_*\-]+"),
        "appid!": Text(max=128),
        "stock_creator_mchid!": _MCHID,
        "coupon_value": Whole(),
        "coupon_minimum": Whole(),
    },
    limit=Limit(calls=500),
)
def send(call: PayCall) -> Answer:
    """Give a person a coupon."""
    body, favor = call.body, Favor(call.pay)
    call.pay.check_binding(call.merchant, body["appid"])
    call.pay.find_person(body["appid"], call.params["openid"])
    stock = favor.find(body["stock_id"], call.at)
    if stock is None or stock.mchid != body["stock_creator_mchid"]:
        raise PayError("RESOURCE_NOT_EXISTS", "批次不存在")
    made = favor.send(
        stock,
        sender=call.merchant.mchid,
        appid=body["appid"],
        openid=call.params["openid"],
        number=body["out_request_no"],
        at=call.at,
    )
    return {"coupon_id": made.coupon_id}


@PAY.get(_ROOT + "/users/{openid}/coupons")
def list_coupons(call: PayCall) -> Answer:
    """A person's coupons."""
    call.needed("appid")
    favor, offset, limit = Favor(call.pay), call.number("offset", 0), call.number("limit", 20, low=1, high=20)
    marks = ("creator_mchid", "sender_mchid", "available_mchid")
    if not any(call.query.get(name) for name in marks):
        raise param_error("/query/creator_mchid", None, "三个商户号筛选条件至少填写一个")
    found = [one for one in favor.coupons_of(call.params["openid"]) if _wanted(call, favor, one)]
    page = found[offset : offset + limit]
    return {
        "total_count": len(found),
        "offset": offset,
        "limit": limit,
        "data": [favor.wire(one, call.at) for one in page],
    }


@PAY.get(_ROOT + "/users/{openid}/coupons/{coupon_id}")
def show_coupon(call: PayCall) -> Answer:
    """One coupon of a person."""
    favor = Favor(call.pay)
    found = favor.coupon(call.params["openid"], call.params["coupon_id"])
    if found is None or found.appid != call.needed("appid"):
        raise PayError("RESOURCE_NOT_EXISTS", "代金券不存在")
    return favor.wire(found, call.at)


def _check_stock(call: PayCall) -> None:
    body, rule = call.body, call.body["stock_use_rule"]
    if body["stock_type"] != "NORMAL" or "fixed_normal_coupon" not in body["coupon_use_rule"]:
        raise PayError("INVALID_REQUEST", "目前仅支持固定面额满减券")
    coupon = body["coupon_use_rule"]["fixed_normal_coupon"]
    if coupon["transaction_minimum"] <= coupon["coupon_amount"]:
        raise param_error(
            "/body/coupon_use_rule/fixed_normal_coupon/transaction_minimum", None, "门槛应大于面额"
        )
    if rule["max_amount"] != rule["max_coupons"] * coupon["coupon_amount"]:
        raise param_error("/body/stock_use_rule/max_amount", rule["max_amount"], "应等于面额乘以发放上限")
    begin, end = read_moment(body["available_begin_time"]), read_moment(body["available_end_time"])
    if begin < call.at - 60 or begin > call.at + 365 * _DAY_S:
        raise param_error(
            "/body/available_begin_time", body["available_begin_time"], "不能早于现在或晚于一年后"
        )
    if not begin < end <= begin + 90 * _DAY_S:
        raise param_error("/body/available_end_time", body["available_end_time"], "有效期最长 90 天")


def _own(call: PayCall) -> FavorStock:
    return _stock(call, call.body["stock_creator_mchid"])


def _stock(call: PayCall, mchid: str) -> FavorStock:
    found = Favor(call.pay).find(call.params["stock_id"], call.at)
    if found is None or found.mchid != mchid:
        raise PayError("RESOURCE_NOT_EXISTS", "批次不存在")
    return found


def _turn(call: PayCall, before: str, after: str) -> str:
    stock = _own(call)
    if stock.status not in (before, after):
        raise PayError("INVALID_REQUEST", "当前状态的批次不能这样操作")
    stock.status = after
    Favor(call.pay).keep(stock)
    return china_time(call.at)


def _rows(call: PayCall, stock: FavorStock, rows: list[str]) -> dict[str, Any]:
    offset, limit = call.number("offset"), call.number("limit", low=1, high=50)
    return {
        "total_count": len(rows),
        "data": rows[offset : offset + limit],
        "offset": offset,
        "limit": limit,
        "stock_id": stock.stock_id,
    }


def _used(call: PayCall) -> list[_FlowRow]:
    stock = _stock(call, call.merchant.mchid)
    return [
        (one.used_at, one, one.transaction_id, one.consume_mchid)
        for one in Favor(call.pay).all_coupons(stock)
        if one.status == USED
    ]


def _recovered(call: PayCall) -> list[_FlowRow]:
    stock = _stock(call, call.merchant.mchid)
    return [
        (one.recovered_at, one, one.recovered_from, one.recovered_mchid)
        for one in Favor(call.pay).all_coupons(stock)
        if one.recovered_at
    ]


def _of_day(call: PayCall, rows: list[_FlowRow]) -> list[_FlowRow]:
    """Keep what happened on ``bill_date``, a day in China that is over."""
    text = call.needed("bill_date")
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise param_error("/query/bill_date", text, "日期格式应为 yyyy-MM-dd") from error
    if day >= china_day(call.at):
        raise PayError("INVALID_REQUEST", "账单日期应为过去的日期")
    return [row for row in rows if china_day(row[0]) == day]


def _day_flow(call: PayCall, rows: list[_FlowRow], name: str) -> dict[str, str]:
    """Offer the file of a day; hash and number of rows have names of their own here."""
    found = _of_day(call, rows)
    offered = _flow(call, found)
    return {"url": offered["url"], f"{name}_hash": offered["hash_value"], f"{name}_count": str(len(found))}


def _flow(call: PayCall, rows: list[_FlowRow]) -> dict[str, str]:
    lines = ["批次ID,优惠ID,优惠类型,优惠金额(元),订单号,商户号,时间"]
    lines += [
        f"`{one.stock_id},`{one.coupon_id},`NORMAL,`{one.amount / 100:.2f},`{transaction_id},"
        f"`{mchid},`{china_time(at)}"
        for at, one, transaction_id, mchid in rows
    ]
    content = ("\r\n".join(lines) + "\r\n").encode()
    token = Downloads(call.pay).offer(call.merchant.mchid, content, "text/plain; charset=utf-8", at=call.at)
    url = f"{call.base_url}{_ROOT}/flow-file?token={token}"
    return {"url": url, "hash_value": crypto.sha1_hex(content), "hash_type": "SHA1"}


def _wanted(call: PayCall, favor: Favor, coupon: FavorCoupon) -> bool:
    query = call.query
    stock = favor.find(coupon.stock_id, call.at)
    assert stock is not None
    usable = stock.rule.get("available_merchants") or [stock.body["belong_merchant"]]
    return (
        query.get("stock_id") in (None, "", coupon.stock_id)
        and query.get("status") in (None, "", coupon.state(call.at))
        and query.get("creator_mchid") in (None, "", coupon.mchid)
        and query.get("sender_mchid") in (None, "", coupon.sender)
        and (not query.get("available_mchid") or query["available_mchid"] in usable)
        and coupon.appid == query["appid"]
    )


def _moment(call: PayCall, name: str, default: float) -> float:
    text = call.query.get(name)
    return read_moment(text.replace(" ", "+"), f"/query/{name}") if text else default
