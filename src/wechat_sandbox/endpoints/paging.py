"""Pages of openids, as follower, tag and black lists give them."""

from bisect import bisect_right
from collections.abc import Callable

from wechat_sandbox.endpoints.registry import Call
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import follow_order
from wechat_sandbox.wire.errors import PlatformError


def openid_page(
    call: Call,
    people: list[Relation],
    *,
    after: str,
    page_max: int,
    order: Callable[[Relation], tuple[int, str]] = follow_order,
) -> dict[str, object]:
    """Return ``count, data, next_openid`` of the page after an openid; at the end no ``data``."""
    start = bisect_right(people, order(call.recipient(after)), key=order) if after else 0
    page = [relation.openid for relation in people[start : start + page_max]]
    if not page:
        return {"count": 0, "next_openid": ""}
    return {"count": len(page), "data": {"openid": page}, "next_openid": page[-1]}


def read_openids(call: Call, name: str, *, most: int) -> list[Relation]:
    """Return the people of an openid list, each once.

    Raises:
        PlatformError: 40031 no list, 40032 too long, 40003 nobody's openid, 49003 another account's.
    """
    openids = call.body.get(name)
    if not isinstance(openids, list) or not openids:
        raise PlatformError(40031)
    if len(openids) > most:
        raise PlatformError(40032)
    return [_own_person(call, openid) for openid in dict.fromkeys(map(str, openids))]


def _own_person(call: Call, openid: str) -> Relation:
    found = call.world.find_relation(call.account, openid)
    if found is not None:
        return found
    others = (one for one in call.world.accounts.values() if one is not call.account)
    foreign = any(call.world.find_relation(other, openid) for other in others)
    raise PlatformError(49003 if foreign else 40003)
