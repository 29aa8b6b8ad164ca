"""Customer-service messages within the windows people open, and "is typing"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.accounts import AccountKind
from wechat_sandbox.endpoints.message_content import read_custom
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, Reply
from wechat_sandbox.state.kf import StaffList
from wechat_sandbox.state.kf_sessions import SENT, Sessions
from wechat_sandbox.state.media import Media, MediaKind
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

TYPING_LASTS_S = 15.0
INTERACTION_S = 30.0


@REGISTRY.post("/cgi-bin/message/custom/send", daily_limit=500_000, utf8_only=True)
def send_custom(call: Call) -> Mapping[str, object]:
    """Deliver one message if a window with budget is open (45015, 45047)."""
    relation = call.recipient(call.text("touser"))
    kind = call.text("msgtype")
    content = read_custom(call, kind)
    worker = _read_worker(call)
    if relation.refuses_messages:
        raise PlatformError(48002)
    call.world.spend_grant(relation, call.at)
    call.world.store.write_relation(relation.appid, relation.person, relation)
    shown = content | ({"kf_account": worker} if worker else {})
    call.world.deliver(relation, f"custom:{kind}", shown, call.at)
    if worker:
        text = str(content.get("content", f"[{kind}]"))
        Sessions(call.world, call.account).note(relation.openid, SENT, text, worker, call.at)
    _typing(call).drop(call.account.appid, relation.openid)
    return OK


@REGISTRY.post("/cgi-bin/message/custom/typing", daily_limit=500_000)
def typing(call: Call) -> Mapping[str, object]:
    """Show or hide "is typing"; only to someone who was heard of in the last 30 seconds."""
    relation = call.recipient(call.text("touser"))
    command = call.text("command")
    if command not in ("Typing", "CancelTyping"):
        raise PlatformError(45072)
    if call.at - relation.heard_at > INTERACTION_S:
        raise PlatformError(45080)
    shelf = _typing(call)
    until = shelf.find(call.account.appid, relation.openid) or 0.0
    if command == "CancelTyping":
        shelf.drop(call.account.appid, relation.openid)
        return OK
    if call.at < until:
        raise PlatformError(45081)
    shelf.put(call.account.appid, relation.openid, call.at + TYPING_LASTS_S)
    return OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A sub-merchant who serves customers under an account's roof."""

    business_id: int
    account_name: str
    nickname: str
    icon_url: str


@REGISTRY.post("/cgi-bin/business/register", utf8_only=True)
def register_business(call: Call) -> Mapping[str, object]:
    name, nickname = call.text("account_name"), call.text("nickname")
    shelf = _businesses(call)
    taken = {one.account_name for one in shelf.values(call.account.appid)}
    if not name or not nickname or name in taken:
        raise PlatformError(40035)
    icon = _icon(call)
    number = 10_000 + shelf.count(call.account.appid) + 1
    made = Business(business_id=number, account_name=name, nickname=nickname, icon_url=icon)
    shelf.put(call.account.appid, str(number), made)
    return OK | {"business_id": number}


@REGISTRY.post("/cgi-bin/business/update", utf8_only=True)
def update_business(call: Call) -> Mapping[str, object]:
    known = _business(call, "business_id")
    changed = Business(
        business_id=known.business_id,
        account_name=known.account_name,
        nickname=call.text("nickname") or known.nickname,
        icon_url=_icon(call) if call.text("icon_media_id") else known.icon_url,
    )
    _businesses(call).put(call.account.appid, str(known.business_id), changed)
    return OK


@REGISTRY.post("/cgi-bin/business/get")
def get_business(call: Call) -> Mapping[str, object]:
    name = call.text("account_name")
    if name:
        values = _businesses(call).values(call.account.appid)
        found = next((one for one in values if one.account_name == name), None)
        if found is None:
            raise PlatformError(40035)
        return OK | {"business_info": _business_item(found)}
    return OK | {"business_info": _business_item(_business(call, "business_id"))}


@REGISTRY.post("/cgi-bin/business/list")
def list_businesses(call: Call) -> Mapping[str, object]:
    offset, count = call.number("offset", 0), call.number("count", 10)
    if offset < 0 or not 1 <= count <= 100:
        raise PlatformError(40035)
    page = _businesses(call).values(call.account.appid)[offset : offset + count]
    return OK | {"list": [_business_item(one) for one in page]}


@REGISTRY.post("/cgi-bin/message/custom/business/send", daily_limit=500_000, utf8_only=True)
def send_for_business(call: Call) -> Mapping[str, object] | Reply:
    _business(call, "businessid")
    return send_custom(call)


@REGISTRY.post("/cgi-bin/message/custom/business/typing", daily_limit=500_000)
def typing_for_business(call: Call) -> Mapping[str, object] | Reply:
    _business(call, "businessid")
    return typing(call)


def _read_worker(call: Call) -> str:
    branch = call.body.get("customservice")
    if branch is None or call.account.kind is AccountKind.MINI_PROGRAM:
        return ""
    name = branch.get("kf_account") if isinstance(branch, dict) else None
    return StaffList(call.world, call.account).get(str(name)).kf_account


def _icon(call: Call) -> str:
    media = Media(call.world, call.account)
    return media.get(call.text("icon_media_id"), call.at, MediaKind.IMAGE).url


def _business(call: Call, field: str) -> Business:
    found = _businesses(call).find(call.account.appid, str(call.body.get(field, "")))
    if found is None:
        raise PlatformError(40035)
    return found


def _business_item(one: Business) -> dict[str, Any]:
    return {
        "business_id": one.business_id,
        "account_name": one.account_name,
        "nickname": one.nickname,
        "icon_url": one.icon_url,
    }


def _businesses(call: Call) -> Shelf[Business]:
    return Shelf(call.world.store, "business", Business)


def _typing(call: Call) -> Shelf[float]:
    return Shelf(call.world.store, "typing", float)
