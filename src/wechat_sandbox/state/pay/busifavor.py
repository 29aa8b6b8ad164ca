"""Merchant coupons (商家券): stocks, codes, coupons of people and what becomes of them.

Source: merchant-coupon models of the official SDKs and the website tree (2026-08). The merchant says when a
coupon is used; the platform only keeps its state.
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.clock import DAY_S, china_day, china_time
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError
from wechat_sandbox.wire.pay.fields import read_moment

SENT, USED, EXPIRED, DEACTIVATED, DELETED = "SENDED", "USED", "EXPIRED", "DEACTIVATED", "DELETED"
FREE, TAKEN = "AVAILABLE", "DISPATCHED"  # Of uploaded codes; how the platform calls it is not documented.
PLATFORM, BY_API, UPLOADED = "WECHATPAY_MODE", "MERCHANT_API", "MERCHANT_UPLOAD"
BEFORE = "BUSICOUPON_SEND_CHANNEL_"
_SHOWN = (
    "belong_merchant", "stock_name", "comment", "goods_name", "stock_type", "coupon_use_rule",
    "custom_entrance", "display_pattern_info",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class BusiStock:
    """One stock; ``body`` is the request that made it, as it was changed since."""

    stock_id: str
    mchid: str
    body: dict[str, Any]
    created_at: float
    state: str = "RUNNING"
    sent: int = 0
    sent_by_day: dict[str, int] = field(default_factory=dict)

    @property
    def mode(self) -> str:
        return str(self.body["coupon_code_mode"])

    @property
    def ends_at(self) -> float:
        return read_moment(self.body["coupon_use_rule"]["coupon_available_time"]["available_end_time"])

    @property
    def begins_at(self) -> float:
        return read_moment(self.body["coupon_use_rule"]["coupon_available_time"]["available_begin_time"])

    @property
    def discount(self) -> int:
        rule = self.body["coupon_use_rule"].get("fixed_normal_coupon", {})
        return int(rule.get("discount_amount", 0))


@dataclass(slots=True, kw_only=True)
class BusiCoupon:
    """One coupon of a person."""

    code: str
    stock_id: str
    openid: str
    appid: str
    received_at: float
    begins_at: float
    ends_at: float
    request_no: str
    state: str = SENT
    use_request_no: str = ""
    used_at: float = 0.0
    done: dict[str, float] = field(default_factory=dict)  # Request number → when it took effect.
    out_trade_no: str = ""

    def now(self, at: float) -> str:
        return EXPIRED if self.state == SENT and at >= self.ends_at else self.state


class BusiFavor:
    """All stocks and coupons. Cheap to make."""

    def __init__(self, pay: Pay) -> None:
        self.pay = pay
        self.stocks = Shelf(pay.store, "pay_busi_stock", BusiStock)
        self.requests = Shelf(pay.store, "pay_busi_request", str)
        self._codes = Shelf(pay.store, "pay_busi_code", str)  # Uploaded codes of a stock: free or taken.
        self._uploaded = Shelf(pay.store, "pay_busi_code_at", float)  # When the codes came.
        self._coupons = Shelf(pay.store, "pay_busi_coupon", BusiCoupon)  # By stock.
        self._held = Shelf(pay.store, "pay_busi_held", str)  # By person: code → stock.

    def find(self, stock_id: str) -> BusiStock | None:
        return self.stocks.find("", stock_id)

    def keep(self, stock: BusiStock) -> None:
        self.stocks.put("", stock.stock_id, stock)

    def coupon(self, stock_id: str, code: str) -> BusiCoupon | None:
        return self._coupons.find(stock_id, code)

    def coupon_of(self, openid: str, code: str) -> BusiCoupon | None:
        return self.coupon(self._held.find(openid, code) or "", code)

    def find_code(self, code: str) -> BusiCoupon | None:
        """Return a coupon by its code alone, as the platform made it."""
        return self.coupon(self._held.find("", code) or "", code)

    def coupons_of(self, openid: str) -> list[BusiCoupon]:
        found = (self.coupon(stock_id, code) for code, stock_id in self._held.items(openid))
        return [one for one in found if one is not None]

    def save(self, coupon: BusiCoupon) -> None:
        self._coupons.put(coupon.stock_id, coupon.code, coupon)

    # Codes the merchant brings

    def upload(self, stock: BusiStock, codes: list[str], at: float) -> tuple[list[str], list[str], list[str]]:
        """Keep codes; return those taken, known before, and named twice."""
        taken, known, twice = [], [], []
        for code in codes:
            if code in taken:
                twice.append(code)
            elif self._codes.find(stock.stock_id, code) is not None:
                known.append(code)
            else:
                self._codes.put(stock.stock_id, code, FREE)
                self._uploaded.put(stock.stock_id, code, at)
                taken.append(code)
        return taken, known, twice

    def codes(self, stock: BusiStock) -> list[tuple[str, str]]:
        return self._codes.items(stock.stock_id)

    def wire_code(self, stock: BusiStock, code: str, state: str) -> dict[str, Any]:
        """Return what is known of a code: when it came, and who got it when."""
        shown: dict[str, Any] = {"code": code, "code_status": state}
        came = self._uploaded.find(stock.stock_id, code)
        shown |= {"upload_time": china_time(came)} if came else {}
        coupon = self.coupon(stock.stock_id, code)
        if coupon is not None:
            shown |= {"dispatched_time": china_time(coupon.received_at), "openid": coupon.openid}
            shown["coupon_code"] = coupon.code
        return shown

    def drop_code(self, stock: BusiStock, code: str) -> bool:
        """Forget a code that nobody holds."""
        return self._codes.find(stock.stock_id, code) == FREE and self._codes.drop(stock.stock_id, code)

    # Coupons

    def send(
        self,
        stock: BusiStock,
        *,
        appid: str,
        openid: str,
        number: str,
        at: float,
        channel: str,
        code: str = "",
        attach: dict[str, Any] | None = None,
    ) -> BusiCoupon:
        """Give a person a coupon and tell the merchant; the same number gives the same coupon."""
        key = f"send {stock.stock_id} {openid} {number}"
        known = self.coupon(stock.stock_id, self.requests.find("", key) or "")
        if known is not None:
            return known
        self._check_room(stock, openid, at)
        begins, ends = _period(stock, at)
        made = BusiCoupon(
            code=self._code(stock, code, at),
            stock_id=stock.stock_id,
            openid=openid,
            appid=appid,
            received_at=at,
            begins_at=begins,
            ends_at=ends,
            request_no=number,
        )
        self.save(made)
        self._held.put(openid, made.code, stock.stock_id)
        self._held.put("", made.code, stock.stock_id)
        self.requests.put("", key, made.code)
        stock.sent += 1
        stock.sent_by_day[china_day(at)] = stock.sent_by_day.get(china_day(at), 0) + 1
        self.keep(stock)
        self._tell(stock, made, channel, attach or {}, at)
        self.pay.note(appid, openid)
        return made

    def wire_stock(self, stock: BusiStock, at: float) -> dict[str, Any]:
        """Return a stock with how many of it were sent."""
        codes = [state for _, state in self.codes(stock)]
        today = stock.sent_by_day.get(china_day(at), 0)
        shown = {name: stock.body[name] for name in (*_SHOWN, "stock_send_rule") if name in stock.body}
        return shown | {
            "stock_id": stock.stock_id,
            "stock_state": "STOPED" if at >= stock.ends_at else stock.state,
            "coupon_code_mode": stock.mode,
            "subsidy": bool(stock.body.get("subsidy", False)),
            "coupon_code_count": {"total_count": len(codes), "available_count": codes.count(FREE)},
            "send_count_information": {
                "total_send_num": stock.sent,
                "total_send_amount": stock.sent * stock.discount,
                "today_send_num": today,
                "today_send_amount": today * stock.discount,
            },
        }

    def wire(self, coupon: BusiCoupon, at: float) -> dict[str, Any]:
        """Return a coupon as its holder's list shows it."""
        stock = self.find(coupon.stock_id)
        assert stock is not None
        shown = {name: stock.body[name] for name in _SHOWN if name in stock.body}
        shown |= {
            "stock_id": coupon.stock_id,
            "coupon_code": coupon.code,
            "coupon_state": coupon.now(at),
            "transferable": False,
            "shareable": False,
            "send_request_no": coupon.request_no,
            "available_start_time": china_time(coupon.begins_at),
            "expire_time": china_time(coupon.ends_at),
            "receive_time": china_time(coupon.received_at),
        }
        if coupon.state == USED:
            shown |= {"use_request_no": coupon.use_request_no, "use_time": china_time(coupon.used_at)}
        return shown

    def _check_room(self, stock: BusiStock, openid: str, at: float) -> None:
        rule = stock.body["stock_send_rule"]
        if stock.state != "RUNNING" or at >= stock.ends_at:
            raise PayError("INVALID_REQUEST", "批次未处于运行中")
        mine = [one for one in self.coupons_of(openid) if one.stock_id == stock.stock_id]
        if len(mine) >= rule["max_coupons_per_user"]:
            raise PayError("RULE_LIMIT", "用户领取数量达到上限")
        by_day = rule.get("max_coupons_by_day")
        if stock.sent >= rule["max_coupons"] or (
            by_day and stock.sent_by_day.get(china_day(at), 0) >= by_day
        ):
            raise PayError("RULE_LIMIT", "批次发放数量达到上限")

    def _code(self, stock: BusiStock, given: str, at: float) -> str:
        if stock.mode == PLATFORM:
            return self.pay.digits("13", at, 22)
        if stock.mode == UPLOADED:
            free = next((code for code, state in self.codes(stock) if state == FREE), None)
            if free is None:
                raise PayError("RULE_LIMIT", "预存的券码已用完")
            self._codes.put(stock.stock_id, free, TAKEN)
            return free
        if not given or self.coupon(stock.stock_id, given) is not None:
            raise PayError("INVALID_REQUEST", "券码缺失或已被使用")
        return given

    def _tell(
        self, stock: BusiStock, coupon: BusiCoupon, channel: str, attach: dict[str, Any], at: float
    ) -> None:
        merchant = self.pay.merchants.get(stock.mchid)
        content: dict[str, Any] = {
            "event_type": "EVENT_TYPE_BUSICOUPON_SEND",
            "coupon_code": coupon.code,
            "stock_id": coupon.stock_id,
            "send_time": china_time(at),
            "openid": coupon.openid,
            "send_channel": BEFORE + channel,
            "send_merchant": merchant.mchid,
        }
        account = self.pay.account(coupon.appid)
        relation = self.pay.world.find_relation(account, coupon.openid) if account else None
        if relation is not None and relation.unionid:
            content["unionid"] = relation.unionid
        self.pay.notices.post(
            merchant,
            merchant.busifavor_notify_url,
            "COUPON.SEND",
            content | ({"attach_info": attach} if attach else {}),
            at=at,
            original_type="coupon",
            summary="商家券领券通知",
        )


def _period(stock: BusiStock, at: float) -> tuple[float, float]:
    times = stock.body["coupon_use_rule"]["coupon_available_time"]
    begins = max(stock.begins_at, at + DAY_S * times.get("wait_days_after_receive", 0))
    ends = stock.ends_at
    if times.get("available_day_after_receive"):
        ends = min(ends, begins + DAY_S * times["available_day_after_receive"])
    if times.get("available_second_after_receive"):
        ends = min(ends, begins + times["available_second_after_receive"])
    return begins, ends
