"""The facts customer groups state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.channels.contracts import UNIONID_SCOPE
from quanyu.modules.community.groups.rules import LeaveScene, MemberKey

MEMBER_JOINED: Final = "community.member_joined"
MEMBER_LEFT: Final = "community.member_left"
GROUP_DISMISSED: Final = "community.group_dismissed"
OWNER_CHANGED: Final = "community.group_owner_changed"
OWNER_LEFT: Final = "community.group_owner_left"
PICTURE_EXPIRING: Final = "community.code_picture_expiring"
STAGE_CHANGED: Final = "community.stage_changed"
_LEAVES: Final = {
    LeaveScene.LEFT: "left",
    LeaveScene.REMOVED: "removed",
    LeaveScene.DISMISSED: "dismissed",
    None: "unknown",
}


def member_joined(
    corp_id: str,
    chat_id: str,
    key: MemberKey,
    *,
    external_userid: str,
    unionid: str,
    about: Mapping[str, Any],
    context: Mapping[str, str],
) -> Fact:
    """State that a customer came into a group; once per group, member and join time."""
    return _membership(
        MEMBER_JOINED,
        corp_id,
        chat_id,
        key,
        at=key.joined_at,
        identifiers=_identifiers(corp_id, external_userid, unionid),
        about=about,
        context=context,
    )


def member_left(
    corp_id: str,
    chat_id: str,
    key: MemberKey,
    *,
    at: datetime,
    external_userid: str,
    unionid: str,
    scene: LeaveScene | None,
    about: Mapping[str, Any],
    context: Mapping[str, str],
) -> Fact:
    """State that a customer is no longer in a group; once per group, member and join time."""
    stayed_s = int((at - key.joined_at).total_seconds())
    return _membership(
        MEMBER_LEFT,
        corp_id,
        chat_id,
        key,
        at=at,
        identifiers=_identifiers(corp_id, external_userid, unionid),
        about={**about, "how": _LEAVES[scene], "stayed_s": stayed_s},
        context=context,
    )


def _membership(
    name: str,
    corp_id: str,
    chat_id: str,
    key: MemberKey,
    *,
    at: datetime,
    identifiers: tuple[FactIdentifier, ...],
    about: Mapping[str, Any],
    context: Mapping[str, str],
) -> Fact:
    joined_s = int(key.joined_at.timestamp())
    return Fact(
        name=name,
        message_id=f"{name}:{corp_id}:{chat_id}:{key.token.hex()}:{joined_s}",
        occurred_at=at,
        identifiers=identifiers,
        properties={
            "joined_at": key.joined_at.isoformat(),
            **{word: value for word, value in about.items() if value not in ("", None)},
        },
        context=_context(corp_id, chat_id) | {"customer": key.token.hex()} | dict(context),
    )


def group_dismissed(corp_id: str, chat_id: str, *, at: datetime, about: Mapping[str, Any]) -> Fact:
    """State that a group is no more; once per group."""
    return Fact(
        name=GROUP_DISMISSED,
        message_id=f"{GROUP_DISMISSED}:{corp_id}:{chat_id}",
        occurred_at=at,
        properties=dict(about),
        context=_context(corp_id, chat_id),
    )


def owner_changed(corp_id: str, chat_id: str, old: str, new: str, *, at: datetime) -> Fact:
    """State that a group has another owner; idempotent on group, both owners and time."""
    return Fact(
        name=OWNER_CHANGED,
        message_id=f"{OWNER_CHANGED}:{corp_id}:{chat_id}:{old}:{new}:{int(at.timestamp())}",
        occurred_at=at,
        properties={"from": old, "to": new},
        context=_context(corp_id, chat_id) | {"staff": new},
    )


def owner_left(corp_id: str, chat_id: str, owner: str, handover: int, *, at: datetime) -> Fact:
    """State that a group's owner has left the company and somebody has to take it over (GC-6)."""
    return Fact(
        name=OWNER_LEFT,
        message_id=f"{OWNER_LEFT}:{corp_id}:{chat_id}:{handover}",
        occurred_at=at,
        properties={"owner": owner},
        context=_context(corp_id, chat_id) | {"staff": owner},
    )


def picture_expiring(code_id: int, target_id: int, *, at: datetime, ends: datetime) -> Fact:
    """State that an uploaded picture of a group code ends within a day (GC-3); once for each end."""
    return Fact(
        name=PICTURE_EXPIRING,
        message_id=f"{PICTURE_EXPIRING}:{target_id}:{int(ends.timestamp())}",
        occurred_at=at,
        properties={"code": encode_id("gcd", code_id), "ends_at": ends.isoformat()},
        context={"channel": "wecom"},
    )


def stage_changed(
    key: str, person_id: PersonId, *, stage: str, before: str, why: str, code_id: int, at: datetime
) -> Fact:
    """State that joining or leaving a group moved somebody in the funnel; idempotent on ``key``."""
    return Fact(
        name=STAGE_CHANGED,
        message_id=f"{STAGE_CHANGED}:{why}:{key}",
        occurred_at=at,
        person_id=person_id,
        properties={"to": stage, "from": before, "why": why, "code": encode_id("gcd", code_id)},
        context={"channel": "wecom"},
    )


def _identifiers(corp_id: str, external_userid: str, unionid: str) -> tuple[FactIdentifier, ...]:
    found = []
    if external_userid:
        found.append(FactIdentifier(namespace="external_userid", scope=corp_id, value=external_userid))
    if unionid:
        found.append(FactIdentifier(namespace="unionid", scope=UNIONID_SCOPE, value=unionid))
    return tuple(found)


def _context(corp_id: str, chat_id: str) -> dict[str, str]:
    return {"channel": "wecom", "app": corp_id, "group": chat_id}
