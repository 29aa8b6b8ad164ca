"""Access tokens, tickets for web pages, and the platform's own addresses.

Each secret of a corp (of an app, of contacts, of customer contact, of customer service) has a token of its
own; asking again gives the same one while it lives. 7200 seconds; may end early.
Source: developer.work.weixin.qq.com, 获取access_token (path 91039), 获取企业微信服务器的ip段 (92520),
JS-SDK使用权限签名算法 (90506); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Host, Nothing, Proof, Request
from quanyu.wechat.wecom.declaring import get


class TokenAnswer(Answer, frozen=True):
    access_token: str  # At most 512 bytes.
    expires_in: int  # Seconds, 7200.


class AddressesAnswer(Answer, frozen=True):
    ip_list: tuple[str, ...] = ()  # Single addresses or ranges; they change, so look daily.


class AppTicketRequest(Request, frozen=True):
    type: Literal["agent_config"]


class TicketAnswer(Answer, frozen=True):
    ticket: str
    expires_in: int  # Seconds, 7200.


TOKEN: Final = Call(
    "GET",
    "/cgi-bin/gettoken",
    Nothing,
    TokenAnswer,
    proof=Proof.CORP_SECRET,
    repeatable=True,
    host=Host.WECOM,
)
CALLBACK_ADDRESSES: Final = get("/getcallbackip", Nothing, AddressesAnswer)
API_ADDRESSES: Final = get("/get_api_domain_ip", Nothing, AddressesAnswer)
# 400 an hour and corp, 100 an hour and app.
CORP_TICKET: Final = get("/get_jsapi_ticket", Nothing, TicketAnswer)
APP_TICKET: Final = get("/ticket/get", AppTicketRequest, TicketAnswer)
