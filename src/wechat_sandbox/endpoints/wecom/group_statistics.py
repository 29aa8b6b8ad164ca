"""Statistics of customer groups and of what members do. Source: official pages D 92133, 92132."""

from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.wecom.days import read_span
from wechat_sandbox.endpoints.wecom.group_chats import owners_of
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.behaviour import behaviour_of
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.group_statistics import ORDERS, figures_of
from wechat_sandbox.wire.errors import PlatformError

_BASE = "/externalcontact/groupchat"
MEMBERS_MAX = 100


@WECOM.post(f"{_BASE}/statistic", right=Right.CUSTOMERS)
def get_by_owner(call: CorpCall) -> Answer:
    """Return the figures of a span for each owner, in the order asked for."""
    days = read_span(call, "day_begin_time", "day_end_time", last_is_optional=True)
    owners = owners_of(call, missing=40058)
    order = ORDERS[call.number("order_by", 1, low=1, high=4)]
    offset, limit = call.number("offset", 0), call.number("limit", 500, low=1, high=1000)
    groups = GroupChats(call.world, call.corp).ever()
    rows = [
        (owner, figures_of(call.world, call.corp, groups, [owner], days[0], days[-1] + DAY_S))
        for owner in owners
    ]
    falling = call.number("order_asc", 0, high=1) == 0
    rows.sort(key=lambda row: row[1][order], reverse=falling)
    page = rows[offset : offset + limit]
    items = [{"owner": owner, "data": data} for owner, data in page]
    return {"total": len(rows), "next_offset": offset + len(page), "items": items}


@WECOM.post(f"{_BASE}/statistic_group_by_day", right=Right.CUSTOMERS)
def get_by_day(call: CorpCall) -> Answer:
    """Return the figures of some owners together, day by day."""
    days = read_span(call, "day_begin_time", "day_end_time", last_is_optional=True)
    owners = owners_of(call, missing=40058)
    groups = GroupChats(call.world, call.corp).ever()
    items = [
        {
            "stat_time": int(day),
            "data": figures_of(call.world, call.corp, groups, owners, day, day + DAY_S),
        }
        for day in days
    ]
    return {"items": items}


@WECOM.post("/externalcontact/get_user_behavior_data", right=Right.CUSTOMERS)
def get_behaviour(call: CorpCall) -> Answer:
    """Return what members did with customers, day by day, all of them together."""
    users = call.texts("userid", most=MEMBERS_MAX)
    parties = call.numbers("partyid", most=MEMBERS_MAX)
    if not users and not parties:
        raise PlatformError(40035)
    for userid in users:
        call.member(userid)
    days = read_span(call, "start_time", "end_time")
    members = call.directory.expand(users, parties)
    return {
        "behavior_data": [
            {"stat_time": int(day)} | behaviour_of(call.world, call.corp, members, day, day + DAY_S)
            for day in days
        ]
    }
