"""Smart guide (支付即服务): after paying, a person is shown the card of a member of staff.

Source: pay.weixin.qq.com, 支付即服务 (read 2026). ``corpid``, ``userid`` and the personal QR code are
企业微信's.
"""

from typing import Final

from quanyu.wechat.calls import Done, Sensitive
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call


class RegisterRequest(Request, frozen=True):
    corpid: str
    store_id: int
    userid: str
    name: Sensitive
    mobile: Sensitive
    qr_code: str
    avatar: str
    group_qrcode: str = ""
    sub_mchid: str = ""


class RegisterAnswer(Answer, frozen=True):
    guide_id: str


class GuidesRequest(Request, frozen=True):
    store_id: int
    userid: str = ""
    mobile: Sensitive | None = None
    work_id: str = ""
    limit: int = 10
    offset: int = 0


class Guide(Part, frozen=True):
    guide_id: str
    store_id: int = 0
    name: Sensitive | None = None
    mobile: Sensitive | None = None
    userid: str = ""
    work_id: str = ""


class GuidesAnswer(Answer, frozen=True):
    data: tuple[Guide, ...] = ()
    total_count: int = 0
    limit: int = 0
    offset: int = 0


class ChangeRequest(Request, frozen=True):
    guide_id: str
    name: Sensitive | None = None
    mobile: Sensitive | None = None
    qr_code: str = ""
    avatar: str = ""
    group_qrcode: str = ""


class AssignRequest(Request, frozen=True):
    """Before the person has finished paying."""

    guide_id: str
    out_trade_no: str


_BASE: Final = "/v3/smartguide/guides"
REGISTER: Final = pay_call("POST", _BASE, RegisterRequest, RegisterAnswer)
GUIDES: Final = pay_call("GET", _BASE, GuidesRequest, GuidesAnswer)
CHANGE: Final = pay_call("PATCH", f"{_BASE}/{{guide_id}}", ChangeRequest, Done)
ASSIGN: Final = pay_call("POST", f"{_BASE}/{{guide_id}}/assign", AssignRequest, Done)
