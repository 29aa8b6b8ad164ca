"""What members did with their customers on a day.

Source: official page 获取「联系客户统计」数据 (D 92132).
"""

from collections.abc import Collection

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.storage import Line

LINES_MAX = 1_000_000


def behaviour_of(
    world: Core, corp: Corp, members: Collection[str], since: float, until: float
) -> dict[str, object]:
    """Return the figures of some members together; shares and times only where somebody talked."""
    lines = world.store.read_lines(
        "appid = ? AND at >= ? AND at < ? AND direction IN ('from_customer', 'to_customer')",
        (corp.corpid, since, until),
        LINES_MAX,
    )
    chats = _by_chat(lines, members)
    figures: dict[str, object] = {
        "chat_cnt": len(chats),
        "message_cnt": sum(line.direction == "to_customer" for chat in chats.values() for line in chat),
    }
    begun = [chat for chat in chats.values() if chat[0].direction == "from_customer"]
    if begun:
        waits = [wait for chat in begun if (wait := _first_wait_s(chat)) is not None]
        figures["reply_percentage"] = round(100 * len(waits) / len(begun), 2)
        figures["avg_reply_time"] = round(sum(waits) / len(waits) / 60) if waits else 0
    counted = dict.fromkeys((FactKind.CONTACT_LOST, FactKind.CONTACT_ASKED, FactKind.CONTACT_MADE), 0)
    for fact in world.facts.between(corp.corpid, tuple(counted), since, until):
        counted[fact.kind] += fact.ref in members
    return figures | {
        "negative_feedback_cnt": counted[FactKind.CONTACT_LOST],
        "new_apply_cnt": counted[FactKind.CONTACT_ASKED],
        "new_contact_cnt": counted[FactKind.CONTACT_MADE],
    }


def _by_chat(lines: list[Line], members: Collection[str]) -> dict[str, list[Line]]:
    """Return what was said by conversation; a line's address is ``<member>/<customer>``."""
    chats: dict[str, list[Line]] = {}
    for line in lines:
        if line.openid.partition("/")[0] in members:
            chats.setdefault(line.openid, []).append(line)
    return chats


def _first_wait_s(chat: list[Line]) -> float | None:
    """Return how long a customer waited for the first answer, None when none came."""
    asked = chat[0].at
    return next((line.at - asked for line in chat if line.direction == "to_customer"), None)
