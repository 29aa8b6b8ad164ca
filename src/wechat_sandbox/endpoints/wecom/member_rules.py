"""What may be said of a member, and how one is written.

Source: official pages 90195 (create), 90197 (update), 90196 (read).
"""

import re
from dataclasses import replace
from typing import Any

from wechat_sandbox.endpoints.wecom.registry import CorpCall
from wechat_sandbox.state.wecom.corp import CONTACTS
from wechat_sandbox.state.wecom.customers import made_id
from wechat_sandbox.state.wecom.directory import ROOT, Directory, Member, Status
from wechat_sandbox.wire.errors import PlatformError

_USERID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-@.]{0,63}\Z")
_MOBILE = re.compile(r"\+?[0-9-]{5,20}\Z")
_EMAIL = re.compile(r"[^@\s]{1,50}@[^@\s]+\.[^@\s]+\Z")
DEPARTMENTS_MAX = 100
_TEXTS = {"alias": 64, "position": 128, "telephone": 32, "address": 128, "external_position": 12}
# What apps made since 2022-06-20 are no longer told.
PRIVATE = ("avatar", "thumb_avatar", "gender", "mobile", "email", "biz_mail", "qr_code", "address")


def check_userid(userid: str) -> str:
    if not _USERID.match(userid):
        raise PlatformError(60112)
    return userid


def merged(call: CorpCall, member: Member) -> Member:
    """Return a member with what the body says in place of what was.

    Raises:
        PlatformError: the code of the first field that will not do; nothing is changed.
    """
    changes: dict[str, Any] = {}
    if "name" in call.body:
        changes["name"] = call.text("name", missing=60112, most=64, invalid=60112)
    changes |= {
        name: call.text(name, most=most) for name, most in _TEXTS.items() if call.body.get(name) is not None
    }
    changes |= _addresses(call, member)
    if call.body.get("gender") is not None:
        changes["gender"] = str(call.number("gender", low=0, high=2))
    if call.body.get("enable") is not None:
        enabled = call.number("enable", low=0, high=1)
        changes["status"] = _status(member, enabled=bool(enabled))
    if call.body.get("direct_leader") is not None:
        changes["direct_leader"] = _leaders(call)
    for name in ("extattr", "external_profile"):
        if name in call.body:
            changes[name] = call.object(name)
    if call.body.get("avatar_mediaid"):
        changes["avatar_mediaid"] = call.text("avatar_mediaid")
    return replace(member, **(changes | _places(call, member)))


def _status(member: Member, *, enabled: bool) -> int:
    if not enabled:
        return Status.DISABLED
    return Status.ACTIVE if member.status == Status.DISABLED else member.status


def _addresses(call: CorpCall, member: Member) -> dict[str, str]:
    """Check phone and mail: their shape, and that nobody else has them."""
    changes: dict[str, str] = {}
    rules = (
        ("mobile", _MOBILE, 60103, 60104),
        ("email", _EMAIL, 60105, 60106),
        ("biz_mail", _EMAIL, 60105, 60106),
    )
    for name, shape, invalid, taken in rules:
        if call.body.get(name) is None:
            continue
        value = call.text(name, most=64, invalid=invalid)
        if value and not shape.match(value):
            raise PlatformError(invalid)
        other = call.directory.find_by(name, value)
        if other is not None and other.userid != member.userid:
            raise PlatformError(taken, f"userid: {other.userid}")
        changes[name] = value
    return changes


def _leaders(call: CorpCall) -> list[str]:
    leaders = call.texts("direct_leader", most=5, invalid=60257)
    if any(call.directory.find(leader) is None for leader in leaders):
        raise PlatformError(60257)
    return leaders


def _places(call: CorpCall, member: Member) -> dict[str, Any]:
    """Check the departments of a member, with their orders and leaders."""
    if call.body.get("department") is None and call.body.get("main_department") is None:
        return {}
    if call.body.get("department") is None:
        departments = member.department
    else:
        found = call.body["department"]
        found = [found] if isinstance(found, int) and not isinstance(found, bool) else found
        if not isinstance(found, list) or not all(isinstance(one, int) for one in found):
            raise PlatformError(40066)
        if len(found) > DEPARTMENTS_MAX:
            raise PlatformError(41019)
        departments = list(dict.fromkeys(found)) or [ROOT]
    directory = call.directory
    if any(directory.find_department(number) is None for number in departments):
        raise PlatformError(60003)
    main = call.number("main_department", departments[0])
    if main not in departments:
        raise PlatformError(60123)
    size = len(departments)
    return {
        "department": departments,
        "main_department": main,
        "order": _beside(call, "order", size),
        "is_leader_in_dept": _beside(call, "is_leader_in_dept", size),
    }


def _beside(call: CorpCall, name: str, size: int) -> list[int]:
    values = call.items(name, most=DEPARTMENTS_MAX)
    if values and (len(values) != size or not all(isinstance(value, int) and value >= 0 for value in values)):
        raise PlatformError(40058, name)
    return values or [0] * size


def is_told_all(call: CorpCall) -> bool:
    """Whether the token may see phones and addresses."""
    agent = call.agent
    return agent.reads_private if agent else call.scope == CONTACTS


def open_userid(corpid: str, userid: str) -> str:
    """Return the id of a member for providers."""
    return made_id("wo", "member", corpid, userid)


def member_body(call: CorpCall, member: Member, *, told_all: bool = False) -> dict[str, Any]:
    """Write a member as ``user/get`` does; private data for those who may see it, or ``told_all``."""
    picture = f"{call.world.public_url}/wwhead/{member.userid}"
    body: dict[str, Any] = {
        "userid": member.userid,
        "name": member.name,
        "department": member.department,
        "order": member.order,
        "position": member.position,
        "mobile": member.mobile,
        "gender": member.gender,
        "email": member.email,
        "biz_mail": member.biz_mail,
        "is_leader_in_dept": member.is_leader_in_dept,
        "direct_leader": member.direct_leader,
        "avatar": f"{picture}/0",
        "thumb_avatar": f"{picture}/100",
        "telephone": member.telephone,
        "alias": member.alias,
        "address": member.address,
        "open_userid": open_userid(call.corp.corpid, member.userid),
        "main_department": member.main_department,
        "extattr": member.extattr,
        "status": int(member.status),
        "enable": 0 if member.status == Status.DISABLED else 1,
        "qr_code": f"https://open.work.weixin.qq.com/wwopen/userQRCode?vcode={made_id('vc', member.userid)}",
        "external_position": member.external_position,
        "external_profile": member.external_profile,
    }
    if told_all or is_told_all(call):
        return body
    return {name: value for name, value in body.items() if name not in PRIVATE}


def brief_body(call: CorpCall, member: Member) -> dict[str, Any]:
    return {
        "userid": member.userid,
        "name": member.name,
        "department": member.department,
        "open_userid": open_userid(call.corp.corpid, member.userid),
    }


def seen_in(call: CorpCall, department: int, *, with_children: bool) -> list[Member]:
    """Return the members of a department that the token may see (60003, 60011)."""
    directory: Directory = call.directory
    if directory.find_department(department) is None:
        raise PlatformError(60003)
    if not directory.sees_department(call.agent, department) and not _sees_some(call):
        raise PlatformError(60011)
    found = directory.members_in([department], with_children=with_children)
    return [member for member in found if directory.sees(call.agent, member)]


def _sees_some(call: CorpCall) -> bool:
    return bool(call.agent and (call.agent.users or call.agent.tags))
