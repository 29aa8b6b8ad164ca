"""Subscribe messages, service cards and updatable messages of a mini program.

One accept pays for one message of a one-time template. Templates are in ``common.notice_templates``.
Source: developers.weixin.qq.com, 小程序订阅消息, 服务卡片 and 动态消息 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Done, Part, Request
from quanyu.wechat.common.notice_templates import TemplateValue


class SubscribeMessage(Request, frozen=True):
    touser: str
    template_id: str
    data: dict[str, TemplateValue]
    page: str = ""  # With parameters; left out, the message opens nothing.
    miniprogram_state: Literal["", "developer", "trial", "formal"] = ""
    lang: Literal["", "zh_CN", "en_US", "zh_HK", "zh_TW"] = ""


class SubscribeSent(Answer, frozen=True):
    msgid: int = 0  # Not always told.


class SetCardRequest(Request, frozen=True):
    """A service card; ``notify_code`` is a WeChat Pay transaction id, or the code of a button."""

    openid: str
    notify_type: int
    notify_code: str
    content_json: str = ""  # JSON as text.
    check_json: str = ""


class GetCardRequest(Request, frozen=True):
    openid: str
    notify_type: int
    notify_code: str


class CardInfo(Part, frozen=True):
    notify_type: int = 0
    content_json: str = ""
    code_state: int = 0
    code_expire_time: int = 0  # Unix seconds.


class CardAnswer(Answer, frozen=True):
    notify_info: CardInfo


class ExtendCardRequest(Request, frozen=True):
    openid: str
    notify_type: int
    notify_code: str
    ext_json: str = ""


class ActivityRequest(Request, frozen=True):
    openid: str = ""
    unionid: str = ""


class ActivityCreated(Answer, frozen=True):
    activity_id: str
    expiration_time: int = 0  # Unix seconds, a day ahead.


class Parameter(Part, frozen=True):
    name: str  # member_count, room_limit, path, version_type.
    value: str


class Parameters(Part, frozen=True):
    parameter_list: tuple[Parameter, ...]


class UpdateMessageRequest(Request, frozen=True):
    activity_id: str
    target_state: Literal[0, 1]  # Open, begun.
    template_info: Parameters


# Not repeatable: the platform knows no key for it, and each one counts.
SEND: Final = Call("POST", "/cgi-bin/message/subscribe/send", SubscribeMessage, SubscribeSent)
SET_CARD: Final = Call("POST", "/wxa/set_user_notify", SetCardRequest, Done, repeatable=True)
CARD: Final = Call("POST", "/wxa/get_user_notify", GetCardRequest, CardAnswer, repeatable=True)
EXTEND_CARD: Final = Call("POST", "/wxa/set_user_notifyext", ExtendCardRequest, Done, repeatable=True)
CREATE_ACTIVITY: Final = Call(
    "GET", "/cgi-bin/message/wxopen/activityid/create", ActivityRequest, ActivityCreated, repeatable=True
)
UPDATE_MESSAGE: Final = Call(
    "POST", "/cgi-bin/message/wxopen/updatablemsg/send", UpdateMessageRequest, Done, repeatable=True
)
