"""Strategies (规则组): parts of the staff with administrators and rights of their own.

There are those of customers and those of moments.

Source: official pages 94883 and 94890. A strategy stands below another, five deep at most.
"""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

CUSTOMER_STRATEGY, MOMENT_STRATEGY = "customer", "moment"
ADMINS_MAX, RANGE_MAX, DEPTH_MAX, NODES_MAX = 20, 100, 5, 3000
_PRIVILEGES = {
    CUSTOMER_STRATEGY: (
        "view_customer_list", "view_customer_data", "view_room_list", "contact_me", "join_room",
        "share_customer", "oper_resign_customer", "oper_resign_group", "send_customer_msg",
        "edit_welcome_msg", "view_behavior_data", "view_room_data", "send_group_msg", "room_deduplication",
        "rapid_reply", "onjob_customer_transfer", "edit_anti_spam_rule", "export_customer_list",
        "export_customer_data", "export_customer_group_list", "manage_customer_tag",
    ),
    MOMENT_STRATEGY: ("view_moment_list", "send_moment", "manage_moment_cover_and_sign"),
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Strategy:
    """One strategy."""

    strategy_id: int
    parent_id: int
    strategy_name: str
    create_time: int
    admin_list: list[str]
    privilege: dict[str, bool]
    range: list[dict[str, Any]] = field(default_factory=list)  # {type 1, userid} or {type 2, partyid}


def get_strategy(call: CorpCall, kind: str, strategy_id: int) -> Strategy:
    """Return a strategy (40058 none of this id)."""
    found = _shelf(call, kind).find(call.corp.corpid, str(strategy_id))
    if found is None:
        raise PlatformError(40058, "strategy_id")
    return found


def _declare(kind: str) -> None:
    root = f"/externalcontact/{kind}_strategy"

    @WECOM.post(f"{root}/list", right=Right.CUSTOMERS)
    def list_all(call: CorpCall) -> Answer:
        page, cursor = take_page(call, _all(call, kind), default=1000, most=1000)
        return {"strategy": [{"strategy_id": one.strategy_id} for one in page], "next_cursor": cursor}

    @WECOM.post(f"{root}/get", right=Right.CUSTOMERS)
    def read(call: CorpCall) -> Answer:
        strategy = get_strategy(call, kind, call.number("strategy_id"))
        return {
            "strategy": {
                "strategy_id": strategy.strategy_id,
                "parent_id": strategy.parent_id,
                "strategy_name": strategy.strategy_name,
                "create_time": strategy.create_time,
                "admin_list": strategy.admin_list,
                "privilege": strategy.privilege,
            }
        }

    @WECOM.post(f"{root}/get_range", right=Right.CUSTOMERS)
    def read_range(call: CorpCall) -> Answer:
        strategy = get_strategy(call, kind, call.number("strategy_id"))
        page, cursor = take_page(call, strategy.range, default=1000, most=1000)
        return {"range": list(page), "next_cursor": cursor}

    @WECOM.post(f"{root}/create", right=Right.CUSTOMERS)
    def create(call: CorpCall) -> Answer:
        known = _all(call, kind)
        parent_id = call.number("parent_id", 0)
        _check_place(call, kind, parent_id, len(known))
        strategy = Strategy(
            strategy_id=max((one.strategy_id for one in known), default=0) + 1,
            parent_id=parent_id,
            strategy_name=call.text("strategy_name", missing=40058, most=64),
            create_time=int(call.at),
            admin_list=_admins(call, missing=40058),
            privilege=_privilege(call, kind, {}),
            range=_range(call, "range", missing=40058),
        )
        _save(call, kind, strategy)
        return {"strategy_id": strategy.strategy_id}

    @WECOM.post(f"{root}/edit", right=Right.CUSTOMERS)
    def edit(call: CorpCall) -> Answer:
        strategy = get_strategy(call, kind, call.number("strategy_id"))
        added, removed = _range(call, "range_add"), _range(call, "range_del")
        strategy.strategy_name = call.text("strategy_name", most=64) or strategy.strategy_name
        strategy.admin_list = _admins(call) or strategy.admin_list
        strategy.privilege = _privilege(call, kind, strategy.privilege)
        strategy.range = [one for one in strategy.range if one not in removed]
        strategy.range += [one for one in added if one not in strategy.range]
        _save(call, kind, strategy)
        return {}

    @WECOM.post(f"{root}/del", right=Right.CUSTOMERS)
    def delete(call: CorpCall) -> Answer:
        strategy = get_strategy(call, kind, call.number("strategy_id"))
        if any(one.parent_id == strategy.strategy_id for one in _all(call, kind)):
            raise PlatformError(40058, "the strategy has others below it")
        _shelf(call, kind).drop(call.corp.corpid, str(strategy.strategy_id))
        return {}


for _kind in (CUSTOMER_STRATEGY, MOMENT_STRATEGY):
    _declare(_kind)


def _shelf(call: CorpCall, kind: str) -> Shelf[Strategy]:
    return Shelf(call.world.store, f"corp_{kind}_strategy", Strategy)


def _all(call: CorpCall, kind: str) -> list[Strategy]:
    return _shelf(call, kind).values(call.corp.corpid)


def _save(call: CorpCall, kind: str, strategy: Strategy) -> None:
    _shelf(call, kind).put(call.corp.corpid, str(strategy.strategy_id), strategy)


def _check_place(call: CorpCall, kind: str, parent_id: int, known: int) -> None:
    if known >= NODES_MAX:
        raise PlatformError(40058, "too many strategies")
    depth = 1
    while parent_id:
        parent_id = get_strategy(call, kind, parent_id).parent_id
        depth += 1
    if depth > DEPTH_MAX:
        raise PlatformError(40058, "the strategy is too deep")


def _admins(call: CorpCall, *, missing: int = 0) -> list[str]:
    return [call.member(one).userid for one in call.texts("admin_list", most=ADMINS_MAX, missing=missing)]


def _privilege(call: CorpCall, kind: str, before: dict[str, bool]) -> dict[str, bool]:
    """Return all rights; what was never said is allowed."""
    given = call.object("privilege")
    if not all(isinstance(value, bool) for value in given.values()):
        raise PlatformError(40058, "privilege")
    return {name: given.get(name, before.get(name, True)) for name in _PRIVILEGES[kind]}


def _range(call: CorpCall, name: str, *, missing: int = 0) -> list[dict[str, Any]]:
    rows = []
    for row in call.items(name, most=RANGE_MAX, missing=missing):
        kind = row.get("type") if isinstance(row, dict) else None
        if kind == 1:
            rows.append({"type": 1, "userid": call.member(str(row.get("userid", ""))).userid})
        elif kind == 2 and call.directory.find_department(int(row.get("partyid", 0))):
            rows.append({"type": 2, "partyid": int(row["partyid"])})
        else:
            raise PlatformError(40058, name)
    return rows
