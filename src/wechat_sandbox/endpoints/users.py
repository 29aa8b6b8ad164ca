"""Followers and what the platform tells about a person."""

from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL, Account
from wechat_sandbox.endpoints.paging import openid_page
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.wire.errors import PlatformError

PAGE_MAX = 10_000
BATCH_MAX = 100
REMARK_CHARS_MAX = 30


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
    page = openid_page(call, followers, after=call.query.get("next_openid", ""), page_max=PAGE_MAX)
    return {"total": len(followers)} | page


@REGISTRY.post("/cgi-bin/user/info/updateremark", kinds=OFFICIAL, certified_only=True, utf8_only=True)
def update_remark(call: Call) -> Mapping[str, object]:
    """Note a name for a follower, shown to the account alone; an empty one removes it."""
    relation = call.recipient(call.text("openid"))
    remark = call.body.get("remark")
    if not isinstance(remark, str) or len(remark) >= REMARK_CHARS_MAX:
        raise PlatformError(40035)
    if not relation.following:
        raise PlatformError(40003)
    relation.remark = remark
    call.world.save_relation(relation)
    return OK


@REGISTRY.post("/cgi-bin/changeopenid", kinds=OFFICIAL)
def change_openid(call: Call) -> Mapping[str, object]:
    """Return the openids at this account of people known by those of another one, after a migration."""
    origin = call.world.accounts.get(call.text("from_appid"))
    if origin is None:
        raise PlatformError(40013)
    openids = call.body.get("openid_list")
    if not isinstance(openids, list) or not openids:
        raise PlatformError(40031)
    if len(openids) > BATCH_MAX:
        raise PlatformError(40032)
    return OK | {"result_list": [_migrated(call, origin, str(openid)) for openid in openids]}


def _migrated(call: Call, origin: Account, openid: str) -> dict[str, str]:
    known = call.world.find_relation(origin, openid)
    if known is None:
        return {"ori_openid": openid, "err_msg": "ori_openid error"}
    here = call.world.get_relation(call.account, known.person)
    return {"ori_openid": openid, "new_openid": here.openid, "err_msg": "ok"}
