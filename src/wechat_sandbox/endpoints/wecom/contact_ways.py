"""Contact ways (联系我): made, read, changed, deleted; temporary chats ended. Source: official page 92228."""

import secrets
from typing import Any

from wechat_sandbox.endpoints.wecom.customers import follower
from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right, read_text
from wechat_sandbox.state.wecom.contact_ways import (
    BUTTON,
    CODE,
    MEMBERS_MAX,
    SEVERAL,
    SINGLE,
    ContactWay,
    ContactWays,
)
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.directory import Status
from wechat_sandbox.state.wecom.media import CorpMedia
from wechat_sandbox.wire.errors import PlatformError

DAY_S = 86_400
TEMPORARY_MAX_S = 14 * DAY_S
TEMPORARY_PER_DAY = 100_000
LISTED_DAYS = 90
_STYLES = 3
_CONCLUSIONS = {
    "link": {"title": (128, True), "picurl": (2048, False), "desc": (512, False), "url": (2048, True)},
    "miniprogram": {
        "title": (64, True),
        "pic_media_id": (512, True),
        "appid": (64, True),
        "page": (2048, True),
    },
    "image": {"media_id": (512, True)},
}


@WECOM.post("/externalcontact/add_contact_way", right=Right.CUSTOMERS)
def add(call: CorpCall) -> Answer:
    """Make a way; the picture of a code comes with it."""
    ways = ContactWays(call.world, call.corp)
    kind = call.number("type", low=SINGLE, high=SEVERAL, missing=41037, invalid=41039)
    scene = call.number("scene", low=BUTTON, high=CODE, missing=41038, invalid=41040)
    if not ways.has_room():
        raise PlatformError(41045)
    way = ContactWay(config_id=secrets.token_hex(16), type=kind, scene=scene, created_at=call.at)
    way.is_temp = call.flag("is_temp", False)
    way.is_exclusive = call.flag("is_exclusive", False)
    _apply(call, way)
    if not way.user and not way.party:
        raise PlatformError(40058, "user and party are both empty")
    if way.is_temp:
        key = f"temporary:{call.corp.corpid}"
        call.desk.paces.count_day(key, at=call.at, limit=TEMPORARY_PER_DAY, code=45009)
    ways.save(way)
    answer: dict[str, object] = {"config_id": way.config_id}
    return answer | ({"qr_code": ways.picture_url(way)} if way.has_code else {})


@WECOM.post("/externalcontact/get_contact_way", right=Right.CUSTOMERS)
def read(call: CorpCall) -> Answer:
    ways = ContactWays(call.world, call.corp)
    way = _get(call, ways)
    body: dict[str, Any] = {
        "config_id": way.config_id,
        "type": way.type,
        "scene": way.scene,
        "style": way.style,
        "remark": way.remark,
        "skip_verify": way.skip_verify,
        "state": way.state,
        "user": way.user,
        "party": way.party,
        "is_temp": way.is_temp,
        "mark_source": way.mark_source,
    }
    body |= {"qr_code": ways.picture_url(way)} if way.has_code else {}
    if way.is_temp:
        body |= {"expires_in": way.expires_in, "chat_expires_in": way.chat_expires_in}
        body |= {"unionid": way.unionid, "conclusions": _shown_conclusions(call, way)}
    return {"contact_way": body}


@WECOM.post("/externalcontact/list_contact_way", right=Right.CUSTOMERS)
def list_all(call: CorpCall) -> Answer:
    """Return the ids of ways that are not temporary, by the time they were made."""
    since = call.number("start_time", int(call.at - LISTED_DAYS * DAY_S))
    until = call.number("end_time", int(call.at) + 1)
    ways = ContactWays(call.world, call.corp).all()
    found = [way for way in ways if not way.is_temp and since <= way.created_at <= until]
    page, cursor = take_page(call, found, default=100, most=1000)
    return {"contact_way": [{"config_id": way.config_id} for way in page], "next_cursor": cursor}


@WECOM.post("/externalcontact/update_contact_way", right=Right.CUSTOMERS)
def update(call: CorpCall) -> Answer:
    """Overwrite what is given; the code stays the same."""
    ways = ContactWays(call.world, call.corp)
    way = _get(call, ways)
    _apply(call, way)
    ways.save(way)
    return {}


@WECOM.post("/externalcontact/del_contact_way", right=Right.CUSTOMERS)
def delete(call: CorpCall) -> Answer:
    ways = ContactWays(call.world, call.corp)
    ways.drop(_get(call, ways))
    return {}


@WECOM.post("/externalcontact/close_temp_chat", right=Right.CUSTOMERS)
def close_temporary(call: CorpCall) -> Answer:
    """End a temporary chat; the customer sees what the way says at the end (84061 no such chat)."""
    member = follower(call, call.text("userid"))
    external_userid = call.text("external_userid", missing=41035)
    customers = Customers(call.world, call.corp)
    customers.get_external(external_userid)
    link = customers.find_link(member.userid, external_userid)
    if link is None or not link.temporary_until:
        raise PlatformError(84061)
    ContactWays(call.world, call.corp).end_temporary(link, call.at)
    return {}


def _get(call: CorpCall, ways: ContactWays) -> ContactWay:
    way = ways.find(call.text("config_id", missing=41043, invalid=41044))
    if way is None:
        raise PlatformError(41044)
    return way


def _apply(call: CorpCall, way: ContactWay) -> None:
    """Put what the body says into a way; what it does not say stays."""
    if "style" in call.body and way.scene == BUTTON:
        way.style = call.number("style", low=1, high=_STYLES, invalid=41042)
    for name in ("remark", "state"):
        if name in call.body:
            setattr(way, name, call.text(name, most=30))
    way.skip_verify = call.flag("skip_verify", way.skip_verify)
    way.mark_source = call.flag("mark_source", way.mark_source)
    if way.is_temp:
        way.expires_in = call.number("expires_in", way.expires_in, low=1, high=TEMPORARY_MAX_S)
        way.chat_expires_in = call.number("chat_expires_in", way.chat_expires_in, low=1, high=TEMPORARY_MAX_S)
        way.unionid = call.text("unionid") or way.unionid
        if "conclusions" in call.body:
            way.conclusions = _conclusions(call)
    if "user" in call.body or "party" in call.body:
        _set_members(call, way)


def _set_members(call: CorpCall, way: ContactWay) -> None:
    """Check who serves: activated, verified, in the scope, at most a hundred with the departments'."""
    users = call.texts("user", most=100_000)
    parties = call.numbers("party", most=1000)
    if way.type == SINGLE and (len(users) != 1 or parties):
        raise PlatformError(40058, "a way of one member has exactly one user")
    if any(call.directory.find_department(number) is None for number in parties):
        raise PlatformError(60003)
    members = [follower_of_way(call, userid) for userid in users]
    if len(call.directory.expand(users, parties)) > MEMBERS_MAX:
        raise PlatformError(41041)
    way.user, way.party = [member.userid for member in members], parties


def follower_of_way(call: CorpCall, userid: str) -> Any:
    """Return a member who may stand in a way.

    Raises:
        PlatformError: 60111 nobody, 60011 out of sight, 84074 out of the scope of customer contact, 41054 not
            activated or not verified.
    """
    member = call.member(userid)
    if not member.follows_customers:
        raise PlatformError(84074)
    if member.status != Status.ACTIVE or not member.verified:
        raise PlatformError(41054)
    return member


def _conclusions(call: CorpCall) -> dict[str, Any]:
    """Read what a customer sees at the end: a text, and one of picture, link and mini program."""
    given = call.object("conclusions")
    kept: dict[str, Any] = {}
    text = given.get("text")
    if isinstance(text, dict) and text.get("content"):
        kept["text"] = {"content": read_text(text, "content", bytes_most=4000)}
    for kind in ("image", "link", "miniprogram"):  # The first of these wins.
        inside = given.get(kind)
        if isinstance(inside, dict) and inside:
            kept[kind] = _branch(call, kind, inside)
            break
    return kept


def _branch(call: CorpCall, kind: str, inside: dict[str, Any]) -> dict[str, str]:
    read = {
        name: read_text(inside, name, missing=40058 if needed else 0, bytes_most=most)
        for name, (most, needed) in _CONCLUSIONS[kind].items()
    }
    for name in ("media_id", "pic_media_id"):
        if name in read:
            CorpMedia(call.world, call.corp).get(read[name], call.at, "image")
    return {name: value for name, value in read.items() if value}


def _shown_conclusions(call: CorpCall, way: ContactWay) -> dict[str, Any]:
    """Write conclusions as they are read back: a picture by its address."""
    shown = dict(way.conclusions)
    if "image" in shown:
        shown["image"] = {"pic_url": f"{call.world.public_url}/mmbiz_jpg/{shown['image']['media_id']}/0"}
    return shown
