"""Sessions of people with the staff, the queue, and the record of what was said."""

from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.kf import StaffList
from wechat_sandbox.state.kf_sessions import RECORDS_MAX, SPAN_MAX_S, WAITING_MAX, Sessions
from wechat_sandbox.wire.errors import PlatformError


@REGISTRY.post("/customservice/kfsession/create", kinds=OFFICIAL, certified_only=True)
def create(call: Call) -> Mapping[str, object]:
    relation = call.recipient(call.text("openid"))
    _sessions(call).create(relation, call.text("kf_account"), call.at)
    return OK


@REGISTRY.post("/customservice/kfsession/close", kinds=OFFICIAL, certified_only=True)
def close(call: Call) -> Mapping[str, object]:
    relation = call.recipient(call.text("openid"))
    _sessions(call).close(relation, call.text("kf_account"), call.at)
    return OK


@REGISTRY.get("/customservice/kfsession/getsession", kinds=OFFICIAL, certified_only=True)
def session_of_person(call: Call) -> Mapping[str, object]:
    """Return who serves a person; an empty name when nobody does."""
    session = _sessions(call).find(call.recipient(call.query.get("openid", "")).openid, call.at)
    if session is None:
        return OK | {"kf_account": "", "createtime": 0}
    return OK | {"kf_account": session.kf_account, "createtime": session.createtime}


@REGISTRY.get("/customservice/kfsession/getsessionlist", kinds=OFFICIAL, certified_only=True)
def sessions_of_staff(call: Call) -> Mapping[str, object]:
    staff = StaffList(call.world, call.account).get(call.query.get("kf_account", ""))
    found = _sessions(call).of_staff(staff.kf_account, call.at)
    return OK | {"sessionlist": [{"openid": one.openid, "createtime": one.createtime} for one in found]}


@REGISTRY.get("/customservice/kfsession/getwaitcase", kinds=OFFICIAL, certified_only=True)
def waiting(call: Call) -> Mapping[str, object]:
    found = _sessions(call).waiting()
    items = [{"openid": one.openid, "latest_time": one.latest_time} for one in found[:WAITING_MAX]]
    return OK | {"count": len(found), "waitcaselist": items}


@REGISTRY.post("/customservice/msgrecord/getmsglist", kinds=OFFICIAL, certified_only=True)
def records(call: Call) -> Mapping[str, object]:
    """Return what was said in a span of at most a day; ``msgid`` is where to go on."""
    since, until = call.number("starttime"), call.number("endtime")
    first, most = call.number("msgid"), call.number("number")
    if first < 1 or not 1 <= most <= RECORDS_MAX or until <= since:
        raise PlatformError(65416)
    if until - since > SPAN_MAX_S:
        raise PlatformError(65417)
    found = _sessions(call).records(since=since, until=until, first=first, most=most)
    items = [
        {
            "openid": one.openid,
            "opercode": one.opercode,
            "text": one.text,
            "time": one.time,
            "worker": one.worker,
        }
        for _, one in found
    ]
    last = found[-1][0] if found else first - 1
    return {"recordlist": items, "number": len(items), "msgid": last + 1}


def _sessions(call: Call) -> Sessions:
    return Sessions(call.world, call.account)
