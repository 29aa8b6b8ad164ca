"""PayScore (支付分): a service now, its price later, taken without asking again.

Source: pay.weixin.qq.com, 微信支付分 (read 2026). Amounts are in fen. CREATED → DOING (USER_CONFIRM, then
MCH_COMPLETE) → DONE; REVOKED, EXPIRED. On completion ``total_amount`` is the sum of the payments less the
discounts, and at most the risk fund.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Done
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call


class Payment(Part, frozen=True):
    name: str
    amount: int = 0
    description: str = ""
    count: int = 0


class Discount(Part, frozen=True):
    name: str
    description: str
    amount: int = 0
    count: int = 0


class TimeRange(Part, frozen=True):
    start_time: str
    end_time: str = ""
    start_time_remark: str = ""
    end_time_remark: str = ""


class EndTime(Part, frozen=True):
    start_time: str = ""
    end_time: str = ""
    start_time_remark: str = ""
    end_time_remark: str = ""


class Location(Part, frozen=True):
    start_location: str = ""
    end_location: str = ""


class RiskFund(Part, frozen=True):
    name: Literal["DEPOSIT", "ADVANCE", "CASH_DEPOSIT", "ESTIMATE_ORDER_COST"]
    amount: int
    description: str = ""


class CreateRequest(Request, frozen=True):
    out_order_no: str
    appid: str
    service_id: str
    service_introduction: str
    time_range: TimeRange
    risk_fund: RiskFund
    notify_url: str
    post_payments: tuple[Payment, ...] = ()
    post_discounts: tuple[Discount, ...] = ()
    location: Location | None = None
    attach: str = ""
    openid: str = ""
    need_user_confirm: bool | None = None


class CollectionDetail(Part, frozen=True):
    seq: int = 0
    amount: int = 0
    paid_type: str = ""
    paid_time: str = ""
    transaction_id: str = ""


class Collection(Part, frozen=True):
    """``state``: USER_PAYING, USER_PAID."""

    state: str = ""
    total_amount: int = 0
    paying_amount: int = 0
    paid_amount: int = 0
    details: tuple[CollectionDetail, ...] = ()


class ServiceOrder(Answer, frozen=True):
    """A service order as the platform knows it."""

    out_order_no: str
    service_id: str
    appid: str = ""
    mchid: str = ""
    order_id: str = ""
    state: str = ""
    state_description: str = ""
    package: str = ""
    service_introduction: str = ""
    total_amount: int = 0
    need_collection: bool = False
    openid: str = ""
    attach: str = ""
    post_payments: tuple[Payment, ...] = ()
    post_discounts: tuple[Discount, ...] = ()
    time_range: EndTime | None = None
    location: Location | None = None
    notify_url: str = ""
    risk_fund: RiskFund | None = None
    collection: Collection | None = None


class QueryRequest(Request, frozen=True):
    """By one of the two numbers."""

    service_id: str
    appid: str
    out_order_no: str = ""
    query_id: str = ""


class CancelRequest(Request, frozen=True):
    out_order_no: str
    appid: str
    service_id: str
    reason: str


class CancelAnswer(Answer, frozen=True):
    out_order_no: str
    appid: str = ""
    mchid: str = ""
    service_id: str = ""
    order_id: str = ""


class ModifyRequest(Request, frozen=True):
    """Only lower, and only while the money is being taken."""

    out_order_no: str
    appid: str
    service_id: str
    post_payments: tuple[Payment, ...]
    total_amount: int
    reason: str
    post_discounts: tuple[Discount, ...] = ()


class CompleteRequest(Request, frozen=True):
    out_order_no: str
    appid: str
    service_id: str
    post_payments: tuple[Payment, ...]
    total_amount: int
    post_discounts: tuple[Discount, ...] = ()
    time_range: EndTime | None = None
    location: Location | None = None
    profit_sharing: bool = False
    goods_tag: str = ""


class ByOutOrderNo(Request, frozen=True):
    out_order_no: str
    appid: str
    service_id: str


class SyncDetail(Part, frozen=True):
    paid_time: str


class SyncRequest(Request, frozen=True):
    """Tell that the person has paid otherwise."""

    out_order_no: str
    appid: str
    service_id: str
    type: Literal["Order_Paid"]
    detail: SyncDetail


class PermissionRequest(Request, frozen=True):
    service_id: str
    appid: str
    authorization_code: str
    notify_url: str = ""


class PermissionAnswer(Answer, frozen=True):
    apply_permissions_token: str


class ByAuthorizationCode(Request, frozen=True):
    authorization_code: str
    service_id: str


class ByOpenid(Request, frozen=True):
    openid: str
    service_id: str
    appid: str


class Permission(Answer, frozen=True):
    """``authorization_state``: UNAVAILABLE, AVAILABLE, UNBINDUSER."""

    authorization_state: str
    service_id: str = ""
    appid: str = ""
    openid: str = ""
    authorization_code: str = ""
    notify_url: str = ""


class TerminateRequest(Request, frozen=True):
    authorization_code: str
    service_id: str
    reason: str


class TerminateByOpenidRequest(Request, frozen=True):
    openid: str
    service_id: str
    appid: str
    reason: str


_BASE: Final = "/v3/payscore"
_ONE: Final = f"{_BASE}/serviceorder/{{out_order_no}}"
_BY_CODE: Final = f"{_BASE}/permissions/authorization-code/{{authorization_code}}"
_BY_OPENID: Final = f"{_BASE}/permissions/openid/{{openid}}"
CREATE: Final = pay_call("POST", f"{_BASE}/serviceorder", CreateRequest, ServiceOrder)
QUERY: Final = pay_call("GET", f"{_BASE}/serviceorder", QueryRequest, ServiceOrder)
CANCEL: Final = pay_call("POST", f"{_ONE}/cancel", CancelRequest, CancelAnswer)
MODIFY: Final = pay_call("POST", f"{_ONE}/modify", ModifyRequest, ServiceOrder)
COMPLETE: Final = pay_call("POST", f"{_ONE}/complete", CompleteRequest, ServiceOrder)
COLLECT: Final = pay_call("POST", f"{_ONE}/pay", ByOutOrderNo, ServiceOrder)
SYNC: Final = pay_call("POST", f"{_ONE}/sync", SyncRequest, ServiceOrder)
ASK_PERMISSION: Final = pay_call("POST", f"{_BASE}/permissions", PermissionRequest, PermissionAnswer)
PERMISSION: Final = pay_call("GET", _BY_CODE, ByAuthorizationCode, Permission)
PERMISSION_OF: Final = pay_call("GET", _BY_OPENID, ByOpenid, Permission)
TERMINATE: Final = pay_call("POST", f"{_BY_CODE}/terminate", TerminateRequest, Done)
TERMINATE_OF: Final = pay_call("POST", f"{_BY_OPENID}/terminate", TerminateByOpenidRequest, Done)
