"""Customer-acquisition links 获客助手: links that lead into adding a member, from anywhere.

Source: developer.work.weixin.qq.com, 获客链接管理 (path 97297), 获取由获客链接添加的客户信息 (97298),
查询剩余使用量 (97375), 查询链接使用详情 (98003), 获取成员多次收消息详情 (100130); read 2026.
"""

from typing import Final, Literal
from urllib.parse import quote

from quanyu.wechat.calls import Answer, Done, Nothing, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post

_CHANNEL_BYTES_MAX: Final = 64


def link_with_channel(url: str, channel: str) -> str:
    """Return a link that brings ``channel`` back as the ``state`` of who adds by it.

    Raises:
        ValueError: ``channel`` exceeds 64 bytes.
    """
    if len(channel.encode()) > _CHANNEL_BYTES_MAX:
        raise ValueError(f"a channel has at most {_CHANNEL_BYTES_MAX} bytes")
    return f"{url}?customer_channel={quote(channel, safe='')}"


def scheme(url: str) -> str:
    """Return the scheme that opens a link in WeChat from a mini program or an app."""
    return f"weixin://biz/ww/profile/{quote(url, safe='')}"


class LinksRequest(Request, frozen=True):
    limit: int = 0  # At most 100.
    cursor: str = ""


class LinkIds(Answer, frozen=True):
    link_id_list: tuple[str, ...] = ()
    next_cursor: str = ""


class LinkId(Request, frozen=True):
    link_id: str


class LinkRange(Part, frozen=True):
    """Who may be added: at most 500 in all."""

    user_list: tuple[str, ...] = ()
    department_list: tuple[int, ...] = ()


class Priority(Part, frozen=True):
    """Who keeps an earlier member: 1 anybody's customer, 2 customers of the listed members."""

    priority_type: Literal[1, 2]
    priority_userid_list: tuple[str, ...] = ()  # At most 1,000.


class Link(Part, frozen=True, kw_only=True):
    link_id: str = ""
    link_name: str = ""
    url: str = ""
    create_time: int = 0  # Unix seconds.
    skip_verify: bool = True
    mark_source: bool = True


class LinkAnswer(Answer, frozen=True):
    link: Link
    range: LinkRange = LinkRange()
    priority_option: Priority | None = None


class CreateRequest(Request, frozen=True, kw_only=True):
    link_name: str  # At most 30 signs.
    range: LinkRange
    skip_verify: bool = True
    priority_option: Priority | None = None
    mark_source: bool | None = None


class Created(Answer, frozen=True):
    link: Link


class UpdateRequest(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is."""

    link_id: str
    link_name: str | None = None
    range: LinkRange | None = None
    skip_verify: bool | None = None
    priority_option: Priority | None = None
    mark_source: bool | None = None


class CustomersRequest(Request, frozen=True, kw_only=True):
    link_id: str
    limit: int = 0  # At most 1,000.
    cursor: str = ""


class LinkCustomer(Part, frozen=True):
    external_userid: str
    userid: str = ""
    chat_status: int = 0  # 0 said nothing, 1 wrote, 2 not known.
    state: str = ""


class LinkCustomers(Answer, frozen=True):
    customer_list: tuple[LinkCustomer, ...] = ()
    next_cursor: str = ""


class QuotaPart(Part, frozen=True):
    expire_date: int  # Unix seconds.
    balance: int


class Quota(Answer, frozen=True):
    total: int
    balance: int
    quota_list: tuple[QuotaPart, ...] = ()


class StatisticRequest(Request, frozen=True):
    """At most 30 days, of the last 180."""

    link_id: str
    start_time: int  # Unix seconds.
    end_time: int


class Statistic(Answer, frozen=True):
    click_link_customer_cnt: int = 0
    new_customer_cnt: int = 0


class ChatKey(Request, frozen=True):
    chat_key: str  # Of the event ``message_from_customer``; good for 30 minutes.


class ChatCounts(Part, frozen=True):
    recv_msg_cnt: int = 0
    link_id: str = ""
    state: str = ""


class ChatAnswer(Answer, frozen=True):
    userid: str = ""
    external_userid: str = ""
    chat_info: ChatCounts = ChatCounts()


_BASE: Final = "/externalcontact/customer_acquisition"

LIST: Final = ask(f"{_BASE}/list_link", LinksRequest, LinkIds)
GET: Final = ask(f"{_BASE}/get", LinkId, LinkAnswer)
CREATE: Final = post(f"{_BASE}/create_link", CreateRequest, Created)
UPDATE: Final = post(f"{_BASE}/update_link", UpdateRequest, Done, repeatable=True)
DELETE: Final = post(f"{_BASE}/delete_link", LinkId, Done)
CUSTOMERS: Final = ask(f"{_BASE}/customer", CustomersRequest, LinkCustomers)
QUOTA: Final = get("/externalcontact/customer_acquisition_quota", Nothing, Quota)
STATISTIC: Final = ask(f"{_BASE}/statistic", StatisticRequest, Statistic)
CHAT_INFO: Final = ask(f"{_BASE}/get_chat_info", ChatKey, ChatAnswer)
