"""Figures: what members did with customers, and what happened in their groups.

Times are floored to midnight; at most 30 days at once, of the last 180.
Source: developer.work.weixin.qq.com, 联系客户统计 (path 92132), 群聊数据统计 (92133); read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Flag, Part, Request
from quanyu.wechat.wecom.customer_groups import Owners
from quanyu.wechat.wecom.declaring import ask


class BehaviourRequest(Request, frozen=True, kw_only=True):
    """Members or departments, at most 100 each, together as one figure."""

    start_time: int  # Unix seconds.
    end_time: int
    userid: tuple[str, ...] = ()
    partyid: tuple[int, ...] = ()


class Behaviour(Part, frozen=True, kw_only=True):
    stat_time: int  # The day's midnight, Unix seconds.
    chat_cnt: int = 0
    message_cnt: int = 0
    reply_percentage: float | None = None  # This and the next only of days with conversations.
    avg_reply_time: int | None = None  # Minutes.
    negative_feedback_cnt: int = 0  # Customers who deleted or blocked the member.
    new_apply_cnt: int = 0
    new_contact_cnt: int = 0


class BehaviourAnswer(Answer, frozen=True):
    behavior_data: tuple[Behaviour, ...] = ()


class GroupsRequest(Request, frozen=True, kw_only=True):
    day_begin_time: int
    owner_filter: Owners
    day_end_time: int = 0  # The begin's day alone if 0.
    order_by: int = 1  # 1 new groups, 2 all groups, 3 new members, 4 all members.
    order_asc: Flag = 0
    offset: int = 0
    limit: int = 0  # At most 1,000; 500 if 0.


class GroupFigures(Part, frozen=True, kw_only=True):
    new_chat_cnt: int = 0
    chat_total: int = 0
    chat_has_msg: int = 0
    new_member_cnt: int = 0
    member_total: int = 0
    member_has_msg: int = 0
    msg_total: int = 0
    migrate_trainee_chat_cnt: int = 0


class OwnerFigures(Part, frozen=True):
    owner: str
    data: GroupFigures


class GroupsByOwner(Answer, frozen=True):
    total: int = 0
    next_offset: int = 0
    items: tuple[OwnerFigures, ...] = ()


class GroupsByDayRequest(Request, frozen=True, kw_only=True):
    day_begin_time: int
    owner_filter: Owners
    day_end_time: int = 0


class DayFigures(Part, frozen=True):
    stat_time: int
    data: GroupFigures


class GroupsByDay(Answer, frozen=True):
    items: tuple[DayFigures, ...] = ()


BEHAVIOUR: Final = ask("/externalcontact/get_user_behavior_data", BehaviourRequest, BehaviourAnswer)
GROUPS_BY_OWNER: Final = ask("/externalcontact/groupchat/statistic", GroupsRequest, GroupsByOwner)
GROUPS_BY_DAY: Final = ask(
    "/externalcontact/groupchat/statistic_group_by_day", GroupsByDayRequest, GroupsByDay
)
