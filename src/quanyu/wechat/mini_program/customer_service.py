"""Customer service of a mini program beyond its messages: sub-merchants, and the tie to 微信客服.

Messages and temporary media are in ``common``; a mini program sends text, image, link and its own pages.
Source: developers.weixin.qq.com, 小程序客服 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Nothing, Part, Request
from quanyu.wechat.common.custom_messages import CustomMessage, TypingRequest


class RegisterRequest(Request, frozen=True):
    account_name: str
    nickname: str
    icon_media_id: str
    transfer_to_commkf: bool = False


class Registered(Answer, frozen=True):
    business_id: int


class UpdateRequest(Request, frozen=True):
    business_id: int
    nickname: str = ""
    icon_media_id: str = ""


class BusinessRequest(Request, frozen=True):
    """Names a sub-merchant, in one of two ways."""

    business_id: int = 0
    account_name: str = ""


class Business(Part, frozen=True):
    business_id: int
    account_name: str = ""
    nickname: str = ""
    icon_url: str = ""


class BusinessAnswer(Answer, frozen=True):
    business_info: Business


class BusinessesRequest(Request, frozen=True):
    offset: int
    count: int


class BusinessesAnswer(Answer, frozen=True):
    list: tuple[Business, ...] = ()


class CorpRequest(Request, frozen=True):
    corpid: str


class BoundCorpAnswer(Answer, frozen=True):
    entityName: str = ""
    corpid: str = ""  # Empty while none is bound.
    bindTime: int = 0  # Unix seconds.


REGISTER: Final = Call("POST", "/cgi-bin/business/register", RegisterRequest, Registered)
UPDATE: Final = Call("POST", "/cgi-bin/business/update", UpdateRequest, Done, repeatable=True)
BUSINESS: Final = Call("POST", "/cgi-bin/business/get", BusinessRequest, BusinessAnswer, repeatable=True)
BUSINESSES: Final = Call(
    "POST", "/cgi-bin/business/list", BusinessesRequest, BusinessesAnswer, repeatable=True
)
SEND: Final = Call("POST", "/cgi-bin/message/custom/business/send", CustomMessage, Done)
TYPING: Final = Call("POST", "/cgi-bin/message/custom/business/typing", TypingRequest, Done)
BIND_CORP: Final = Call("POST", "/customservice/work/bind", CorpRequest, Done, repeatable=True)
UNBIND_CORP: Final = Call("POST", "/customservice/work/unbind", CorpRequest, Done)
BOUND_CORP: Final = Call("POST", "/customservice/work/get", Nothing, BoundCorpAnswer, repeatable=True)
