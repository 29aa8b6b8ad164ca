"""Rule groups 规则组: which part of the corp may do what with customers and with moments.

At most 5 levels and 3,000 groups; change them one after the other.
Source: developer.work.weixin.qq.com, 客户联系规则组管理 (path 94883), 客户朋友圈规则组管理 (94890);
read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.declaring import ask, post


class PageRequest(Request, frozen=True):
    cursor: str = ""
    limit: int = 0  # At most 1,000.


class StrategyId(Request, frozen=True):
    strategy_id: int


class StrategyRow(Part, frozen=True):
    strategy_id: int


class Strategies(Answer, frozen=True):
    strategy: tuple[StrategyRow, ...] = ()
    next_cursor: str = ""


class CustomerPrivilege(Part, frozen=True, kw_only=True, omit_defaults=False):
    """What the group may do with customers."""

    view_customer_list: bool = True
    view_customer_data: bool = True
    view_room_list: bool = True
    contact_me: bool = True
    join_room: bool = True
    share_customer: bool = False
    oper_resign_customer: bool = True
    oper_resign_group: bool = True
    send_customer_msg: bool = True
    edit_welcome_msg: bool = True
    view_behavior_data: bool = True
    view_room_data: bool = True
    send_group_msg: bool = True
    room_deduplication: bool = True
    rapid_reply: bool = True
    onjob_customer_transfer: bool = True
    edit_anti_spam_rule: bool = True
    export_customer_list: bool = True
    export_customer_data: bool = True
    export_customer_group_list: bool = True
    manage_customer_tag: bool = True


class MomentPrivilege(Part, frozen=True, kw_only=True, omit_defaults=False):
    """What the group may do with moments."""

    view_moment_list: bool = True
    send_moment: bool = True
    manage_moment_cover_and_sign: bool = True


class RangeEntry(Part, frozen=True, kw_only=True):
    """A member (``type`` 1) or a department (2)."""

    type: Literal[1, 2]
    userid: str = ""
    partyid: int = 0


class CustomerStrategy(Part, frozen=True, kw_only=True):
    strategy_id: int
    parent_id: int = 0
    strategy_name: str = ""
    create_time: int = 0  # Unix seconds.
    admin_list: tuple[str, ...] = ()
    privilege: CustomerPrivilege = CustomerPrivilege()


class MomentStrategy(Part, frozen=True, kw_only=True):
    strategy_id: int
    parent_id: int = 0
    strategy_name: str = ""
    create_time: int = 0
    admin_list: tuple[str, ...] = ()
    privilege: MomentPrivilege = MomentPrivilege()


class CustomerStrategyAnswer(Answer, frozen=True):
    strategy: CustomerStrategy


class MomentStrategyAnswer(Answer, frozen=True):
    strategy: MomentStrategy


class RangeRequest(Request, frozen=True):
    strategy_id: int
    cursor: str = ""
    limit: int = 0  # At most 1,000.


class RangeAnswer(Answer, frozen=True):
    range: tuple[RangeEntry, ...] = ()
    next_cursor: str = ""


class _Create(Request, frozen=True, kw_only=True):
    strategy_name: str
    admin_list: tuple[str, ...]  # At most 20.
    range: tuple[RangeEntry, ...]  # At most 100; within that of the parent.
    parent_id: int = 0


class CreateCustomerStrategy(_Create, frozen=True, kw_only=True):
    privilege: CustomerPrivilege | None = None


class CreateMomentStrategy(_Create, frozen=True, kw_only=True):
    privilege: MomentPrivilege | None = None


class Created(Answer, frozen=True):
    strategy_id: int


class _Edit(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is."""

    strategy_id: int
    strategy_name: str | None = None
    admin_list: tuple[str, ...] | None = None
    range_add: tuple[RangeEntry, ...] = ()  # At most 100.
    range_del: tuple[RangeEntry, ...] = ()  # At most 100.


class EditCustomerStrategy(_Edit, frozen=True, kw_only=True):
    privilege: CustomerPrivilege | None = None


class EditMomentStrategy(_Edit, frozen=True, kw_only=True):
    privilege: MomentPrivilege | None = None


_CUSTOMERS, _MOMENTS = "/externalcontact/customer_strategy", "/externalcontact/moment_strategy"

CUSTOMER_LIST: Final = ask(f"{_CUSTOMERS}/list", PageRequest, Strategies)
CUSTOMER_GET: Final = ask(f"{_CUSTOMERS}/get", StrategyId, CustomerStrategyAnswer)
CUSTOMER_RANGE: Final = ask(f"{_CUSTOMERS}/get_range", RangeRequest, RangeAnswer)
CUSTOMER_CREATE: Final = post(f"{_CUSTOMERS}/create", CreateCustomerStrategy, Created)
CUSTOMER_EDIT: Final = post(f"{_CUSTOMERS}/edit", EditCustomerStrategy, Done, repeatable=True)
CUSTOMER_DELETE: Final = post(f"{_CUSTOMERS}/del", StrategyId, Done)
MOMENT_LIST: Final = ask(f"{_MOMENTS}/list", PageRequest, Strategies)
MOMENT_GET: Final = ask(f"{_MOMENTS}/get", StrategyId, MomentStrategyAnswer)
MOMENT_RANGE: Final = ask(f"{_MOMENTS}/get_range", RangeRequest, RangeAnswer)
MOMENT_CREATE: Final = post(f"{_MOMENTS}/create", CreateMomentStrategy, Created)
MOMENT_EDIT: Final = post(f"{_MOMENTS}/edit", EditMomentStrategy, Done, repeatable=True)
MOMENT_DELETE: Final = post(f"{_MOMENTS}/del", StrategyId, Done)
