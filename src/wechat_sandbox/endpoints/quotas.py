"""Call budgets of the day, and looking up a failed call by its rid."""

import hmac
import re
from collections.abc import Mapping

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import DAY_S, china_day
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.wire.errors import PlatformError

CLEARS_PER_MONTH = 10
CLEARS_OF_ONE_PER_MONTH = 50
_RID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}\Z")


@REGISTRY.post("/cgi-bin/openapi/quota/get")
def get_quota(call: Call) -> Mapping[str, object]:
    path = call.text("cgi_path")
    if path.startswith("/sns/"):
        raise PlatformError(76022)
    endpoint = call.desk.registry.find(path)
    if endpoint is None:
        raise PlatformError(76021)
    call.desk.quotas.turn(call.at)
    used = call.desk.quotas.used.get((call.account.appid, path), 0)
    limit = endpoint.daily_limit
    return OK | {
        "quota": {"daily_limit": limit, "used": used, "remain": limit - used},
        "rate_limit": {"call_count": limit, "refresh_second": DAY_S},
        "component_rate_limit": {"call_count": 0, "refresh_second": 0},
    }


@REGISTRY.post("/cgi-bin/openapi/quota/clear")
def clear_one_quota(call: Call) -> Mapping[str, object]:
    """Give one path its day's budget back; fifty times a month."""
    path = call.text("cgi_path")
    if path.startswith("/sns/"):
        raise PlatformError(76022)
    if call.desk.registry.find(path) is None:
        raise PlatformError(76021)
    key = f"clears_of_one:{call.account.appid}:{china_day(call.at)[:7]}"
    used = int(call.world.store.read_meta(key) or 0)
    if used >= CLEARS_OF_ONE_PER_MONTH:
        raise PlatformError(48006)
    call.world.store.write_meta(key, used + 1)
    call.desk.quotas.used.pop((call.account.appid, path), None)
    return OK


@REGISTRY.post("/cgi-bin/clear_quota")
def clear_quota(call: Call) -> Mapping[str, object]:
    if call.text("appid") != call.account.appid:
        raise PlatformError(40013)
    return _clear(call, call.account)


@REGISTRY.both("/cgi-bin/clear_quota/v2", needs_token=False)
def clear_quota_by_secret(call: Call) -> Mapping[str, object]:
    """The same, signed by the secret, given in the body or in the query."""
    appid = call.text("appid") or call.query.get("appid", "")
    secret = call.text("appsecret") or call.query.get("appsecret", "")
    if not appid:
        raise PlatformError(41002)
    if not secret:
        raise PlatformError(41004)
    account = call.world.accounts.get(appid)
    if account is None:
        raise PlatformError(40013)
    if not hmac.compare_digest(account.secret.encode(), secret.encode()):
        raise PlatformError(40125)
    return _clear(call, account)


def _clear(call: Call, account: Account) -> Mapping[str, object]:
    key = f"clears:{account.appid}:{china_day(call.at)[:7]}"
    used = int(call.world.store.read_meta(key) or 0)
    if used >= CLEARS_PER_MONTH:
        raise PlatformError(48006)
    call.world.store.write_meta(key, used + 1)
    call.desk.quotas.clear(account.appid)
    return OK


@REGISTRY.post("/cgi-bin/openapi/rid/get")
def get_rid(call: Call) -> Mapping[str, object]:
    rid = call.text("rid")
    if not _RID.match(rid):
        raise PlatformError(76002)
    for record in call.desk.records:
        if record.rid != rid:
            continue
        if record.appid not in ("", call.account.appid):
            raise PlatformError(76003)
        return OK | {
            "request": {
                "invoke_time": record.invoke_time,
                "cost_in_ms": 1,
                "request_url": record.url,
                "request_body": record.request_body,
                "response_body": record.response_body,
                "client_ip": "127.0.0.1",
            }
        }
    raise PlatformError(76001)
