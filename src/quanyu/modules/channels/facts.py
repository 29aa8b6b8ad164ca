"""The facts channels state, beside what the platform says itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier

LATE_REPLY_SENT: Final = "channels.late_reply_sent"
LATE_REPLY_FAILED: Final = "channels.late_reply_failed"
FOLLOWER_TAGGED: Final = "channels.follower_tagged"
FOLLOWER_UNTAGGED: Final = "channels.follower_untagged"


def late_reply(key: str, app_id: str, openid: str, about: Mapping[str, Any], *, at: datetime) -> Fact:
    """State what became of one message that went out after the answer; idempotent on ``key``."""
    return _about_follower(
        LATE_REPLY_SENT if about["outcome"] == "sent" else LATE_REPLY_FAILED,
        f"late_reply:{key}",
        app_id,
        openid,
        about,
        at=at,
    )


def _about_follower(
    name: str, message_id: str, app_id: str, openid: str, about: Mapping[str, Any], *, at: datetime
) -> Fact:
    identifiers = (FactIdentifier(namespace="openid", scope=app_id, value=openid),) if openid else ()
    return Fact(
        name=name,
        message_id=message_id,
        occurred_at=at,
        identifiers=identifiers,
        properties={key: value for key, value in about.items() if value not in ("", None)},
        context={"channel": "official_account", "app": app_id},
    )


def follower_tag(
    token: bytes, app_id: str, openid: str, about: Mapping[str, Any], *, added: bool, at: datetime
) -> Fact:
    """State that a follower carries a tag now, or no longer; idempotent on follower, tag and time."""
    name = FOLLOWER_TAGGED if added else FOLLOWER_UNTAGGED
    key = f"{name}:{token.hex()}:{about['tag_id']}:{at.timestamp():.3f}"
    return _about_follower(name, key, app_id, openid, about, at=at)
