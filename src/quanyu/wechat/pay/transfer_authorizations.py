"""Transfers without a confirmation each time: the person authorises once (免确认收款授权).

Source: pay.weixin.qq.com, 商家转账 用户授权免确认 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Sensitive
from quanyu.wechat.pay.declaring import Answer, Part, Request, pay_call
from quanyu.wechat.pay.transfers import SceneReport, Transfer, TransferAnswer, TransferRequest


class ClientScene(Part, frozen=True):
    client_ip: str = ""
    device_id: str = ""
    device_type: str = ""


class AuthorizationRequest(Request, frozen=True):
    out_authorization_no: str
    appid: str
    openid: str
    transfer_scene_id: str
    user_display_name: str
    authorization_notify_url: str
    user_recv_perception: str = ""
    scene_info: ClientScene | None = None


class CloseInfo(Part, frozen=True):
    """``close_reason``: CLOSE_VIA_MCH_API, USER_CLOSE, USER_OVERDUE_UNCONFIRMED, TRANSFER_RISK, …"""

    close_time: str = ""
    close_reason: str = ""


class Authorization(Answer, frozen=True):
    """``state``: WAIT_USER_CONFIRM, TAKING_EFFECT, CLOSED."""

    out_authorization_no: str
    state: str
    appid: str = ""
    openid: str = ""
    authorization_id: str = ""
    user_display_name: str = ""
    transfer_scene_id: str = ""
    user_recv_perception: str = ""
    create_time: str = ""
    authorize_time: str = ""
    package_info: str = ""
    close_info: CloseInfo | None = None


class AuthorizationQuery(Request, frozen=True):
    out_authorization_no: str
    is_display_authorization: bool | None = None


class ByAuthorizationNo(Request, frozen=True):
    out_authorization_no: str


class AuthorizationInfo(Part, frozen=True):
    user_display_name: str
    out_authorization_no: str
    authorization_notify_url: str


class AuthorizingTransferRequest(TransferRequest, frozen=True, kw_only=True):
    """A transfer whose confirmation also authorises further ones."""

    authorization_info: AuthorizationInfo
    sponsor_mchid: str = ""


class AuthorizingTransferAnswer(TransferAnswer, frozen=True):
    user_display_name: str = ""
    out_authorization_no: str = ""


class AuthorizedTransferRequest(Request, frozen=True):
    """To who has authorised; one of the authorisation's two numbers is given."""

    appid: str
    out_bill_no: str
    transfer_scene_id: str
    transfer_amount: int  # Fen.
    transfer_remark: str
    transfer_scene_report_infos: tuple[SceneReport, ...]
    authorization_id: str = ""
    out_authorization_no: str = ""
    user_name: Sensitive | None = None
    notify_url: str = ""
    user_recv_perception: str = ""


_BASE: Final = "/v3/fund-app/mch-transfer"
_ONE: Final = f"{_BASE}/user-confirm-authorization/out-authorization-no/{{out_authorization_no}}"
AUTHORIZE: Final = pay_call(
    "POST", f"{_BASE}/user-confirm-authorization", AuthorizationRequest, Authorization
)
QUERY: Final = pay_call("GET", _ONE, AuthorizationQuery, Authorization)
CLOSE: Final = pay_call("POST", f"{_ONE}/close", ByAuthorizationNo, Authorization)
TRANSFER_AND_AUTHORIZE: Final = pay_call(
    "POST",
    f"{_BASE}/transfer-bills/pre-transfer-with-authorization",
    AuthorizingTransferRequest,
    AuthorizingTransferAnswer,
)
TRANSFER: Final = pay_call("POST", f"{_BASE}/transfer-bills/transfer", AuthorizedTransferRequest, Transfer)
