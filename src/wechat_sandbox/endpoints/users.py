"""Followers and what the platform tells about a person."""

from bisect import bisect_right
from collections.abc import Mapping

from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.world import follow_order

PAGE_MAX = 10_000
BATCH_MAX = 100


@REGISTRY.get("/cgi-bin/user/info", daily_limit=5_000_000)
def user_info(call: Call) -> Mapping[str, object]:
    openid = call.query.get("openid", "")
    if not openid:
        raise PlatformError(41009)
    return call.recipient(openid).as_user_info(call.query.get("lang") or "zh_CN")


@REGISTRY.post("/cgi-bin/user/info/batchget", daily_limit=5_000_000)
def batch_user_info(call: Call) -> Mapping[str, object]:
    wanted = call.body.get("user_list")
    if not isinstance(wanted, list) or not wanted:
        raise PlatformError(40031)
    if len(wanted) > BATCH_MAX:
        raise PlatformError(40032)
    return {"user_info_list": [_one(call, item) for item in wanted]}


def _one(call: Call, item: object) -> dict[str, object]:
    if not isinstance(item, dict):
        raise PlatformError(47001)
    openid, language = item.get("openid"), item.get("lang")
    if not isinstance(openid, str) or not openid:
        raise PlatformError(40003)
    return call.recipient(openid).as_user_info(language if isinstance(language, str) else "zh_CN")


@REGISTRY.get("/cgi-bin/user/get", daily_limit=500)
def list_followers(call: Call) -> Mapping[str, object]:
    """Page through followers; after the last page comes a count of 0 without ``data``."""
    followers = call.world.followers(call.account)
    after = call.query.get("next_openid", "")
    start = bisect_right(followers, follow_order(call.recipient(after)), key=follow_order) if after else 0
    page = [relation.openid for relation in followers[start : start + PAGE_MAX]]
    if not page:
        return {"total": len(followers), "count": 0, "next_openid": ""}
    return {"total": len(followers), "count": len(page), "data": {"openid": page}, "next_openid": page[-1]}
