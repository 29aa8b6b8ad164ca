"""Figures of customer groups, counted from what happened.

Source: official page 获取「群聊数据统计」数据 (D 92133).
"""

from collections.abc import Collection, Iterable
from typing import Final

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.group_book import Group

# ``order_by`` → the figure it means.
ORDERS: Final = {1: "new_chat_cnt", 2: "chat_total", 3: "new_member_cnt", 4: "member_total"}
_EVER = 0.0


def figures_of(
    world: Core, corp: Corp, groups: Iterable[Group], owners: Collection[str], since: float, until: float
) -> dict[str, int]:
    """Return the figures of some owners: what is new in a span, and totals up to its end."""
    mine = {group.chat_id: group for group in groups if group.owner in owners}
    made = [group for group in mine.values() if group.create_time < until]
    joined = _at(world, corp, FactKind.GROUP_JOINED, mine, until)
    left = _at(world, corp, FactKind.GROUP_LEFT, mine, until)
    said = [
        (at, chat_id, who)
        for at, ref in _facts(world, corp, FactKind.GROUP_SAID, until)
        for chat_id, _, who in (ref.partition("\0"),)
        if chat_id in mine
    ]
    return {
        "new_chat_cnt": sum(since <= group.create_time < until for group in mine.values()),
        "chat_total": sum(not group.dismissed for group in made),
        "chat_has_msg": len({chat_id for _, chat_id, _ in said}),
        "new_member_cnt": sum(since <= at for at in joined),
        "member_total": len(joined) - len(left),
        "member_has_msg": len({(chat_id, who) for _, chat_id, who in said}),
        "msg_total": len(said),
        "migrate_trainee_chat_cnt": 0,
    }


def _at(world: Core, corp: Corp, kind: FactKind, mine: Collection[str], until: float) -> list[float]:
    return [at for at, ref in _facts(world, corp, kind, until) if ref in mine]


def _facts(world: Core, corp: Corp, kind: FactKind, until: float) -> list[tuple[float, str]]:
    return [(fact.at, fact.ref) for fact in world.facts.between(corp.corpid, (kind,), _EVER, until)]
