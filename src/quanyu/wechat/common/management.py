"""Tokens, addresses, quotas and the look-up of failed requests.

Source: developers.weixin.qq.com, 接口调用凭证 and openApi 管理 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Done, Nothing, Part, Proof, Request


class TokenRequest(Request, frozen=True, tag_field="grant_type", tag="client_credential"):
    """Asks for a classic token: each fetch issues a new one and soon voids the one before."""


class StableTokenRequest(Request, frozen=True, tag_field="grant_type", tag="client_credential"):
    appid: str
    secret: str
    force_refresh: bool = False  # Voids the present stable token; at most 20 a day, 30 s apart.


class TokenAnswer(Answer, frozen=True):
    access_token: str
    expires_in: int  # Seconds, at most 7200.


class AddressesAnswer(Answer, frozen=True):
    ip_list: tuple[str, ...] = ()  # Single addresses or CIDR blocks.


class CallbackCheckRequest(Request, frozen=True):
    action: Literal["dns", "ping", "all"]
    check_operator: Literal["CHINANET", "UNICOM", "CAP", "DEFAULT"]


class DnsFinding(Part, frozen=True):
    ip: str = ""
    real_operator: str = ""


class PingFinding(Part, frozen=True):
    ip: str = ""
    from_operator: str = ""
    package_loss: str = ""  # "0%".
    time: str = ""  # "23.079ms".


class CallbackCheckAnswer(Answer, frozen=True):
    dns: tuple[DnsFinding, ...] = ()
    ping: tuple[PingFinding, ...] = ()


class ClearQuotaRequest(Request, frozen=True):
    appid: str


class QuotaRequest(Request, frozen=True):
    cgi_path: str  # /cgi-bin/message/custom/send: leading slash, no host.


class Quota(Part, frozen=True):
    daily_limit: int = 0
    used: int = 0
    remain: int = 0


class RateLimit(Part, frozen=True):
    call_count: int = 0
    refresh_second: int = 0


class QuotaAnswer(Answer, frozen=True):
    quota: Quota = Quota()
    rate_limit: RateLimit = RateLimit()
    component_rate_limit: RateLimit = RateLimit()


class RidRequest(Request, frozen=True):
    rid: str  # Three groups of eight hexadecimal digits; kept for seven days.


class RequestRecord(Part, frozen=True):
    invoke_time: int = 0  # Unix seconds.
    cost_in_ms: int = 0
    request_url: str = ""
    request_body: str = ""
    response_body: str = ""
    client_ip: str = ""


class RidAnswer(Answer, frozen=True):
    request: RequestRecord


class TicketRequest(Request, frozen=True):
    type: Literal["jsapi", "wx_card"]


class TicketAnswer(Answer, frozen=True):
    ticket: str
    expires_in: int  # Seconds, 7200.


TOKEN: Final = Call("GET", "/cgi-bin/token", TokenRequest, TokenAnswer, proof=Proof.SECRET, repeatable=True)
STABLE_TOKEN: Final = Call(
    "POST", "/cgi-bin/stable_token", StableTokenRequest, TokenAnswer, proof=Proof.NONE, repeatable=True
)
TICKET: Final = Call("GET", "/cgi-bin/ticket/getticket", TicketRequest, TicketAnswer, repeatable=True)
API_ADDRESSES: Final = Call("GET", "/cgi-bin/get_api_domain_ip", Nothing, AddressesAnswer, repeatable=True)
CALLBACK_ADDRESSES: Final = Call("GET", "/cgi-bin/getcallbackip", Nothing, AddressesAnswer, repeatable=True)
CALLBACK_CHECK: Final = Call(
    "POST", "/cgi-bin/callback/check", CallbackCheckRequest, CallbackCheckAnswer, repeatable=True
)
# Ten clears a month, shared with the next one; each counts, so an unknown outcome is not repeated.
CLEAR_QUOTA: Final = Call("POST", "/cgi-bin/clear_quota", ClearQuotaRequest, Done)
CLEAR_QUOTA_BY_SECRET: Final = Call("POST", "/cgi-bin/clear_quota/v2", Nothing, Done, proof=Proof.APP_SECRET)
CLEAR_CALL_QUOTA: Final = Call("POST", "/cgi-bin/openapi/quota/clear", QuotaRequest, Done)
QUOTA: Final = Call("POST", "/cgi-bin/openapi/quota/get", QuotaRequest, QuotaAnswer, repeatable=True)
RID: Final = Call("POST", "/cgi-bin/openapi/rid/get", RidRequest, RidAnswer, repeatable=True)
