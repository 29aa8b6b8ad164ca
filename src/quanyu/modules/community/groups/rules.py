"""Decisions about groups: who came, who went, what was only found out later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple

# A callback may be told a little before the platform's own join time.
_EVENT_SLACK: Final = timedelta(minutes=5)
LEFT_BIT: Final = 1
REMOVED_BIT: Final = 2


class LeaveScene(IntEnum):
    """How somebody came to be out of a group."""

    LEFT = 0
    REMOVED = 1
    DISMISSED = 2


class MemberKey(NamedTuple):
    """One stay in a group: a person may leave and join again."""

    token: bytes
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMember:
    """A member as the platform tells it."""

    key: MemberKey
    is_customer: bool
    userid: str = field(default="", repr=False)  # Of a colleague, or the external user id.
    unionid: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    join_scene: int = 0
    invitor: str = ""
    way_state: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a fetched list of members says against what we had."""

    joined: tuple[SeenMember, ...]
    returned: tuple[MemberKey, ...]  # We had taken them for gone: they never were.
    left: tuple[MemberKey, ...]


def compare(kept: Mapping[MemberKey, bool], seen: Sequence[SeenMember]) -> Changes:
    """Tell who came and who went; ``kept`` says of each stay whether we take it to last."""
    present = {one.key: one for one in seen}
    return Changes(
        joined=tuple(one for key, one in present.items() if key not in kept),
        returned=tuple(key for key in present if kept.get(key) is False),
        left=tuple(sorted(key for key, lasts in kept.items() if lasts and key not in present)),
    )


def is_synthetic(joined_at: datetime, event_at: datetime | None) -> bool:
    """Whether a join was found by looking, not told: ``event_at`` is the first event not yet looked into.

    EV-3: such joins exist and are flagged; nothing that rewards joins may count them.
    """
    return event_at is None or joined_at < event_at - _EVENT_SLACK


def leave_scene(quit_scenes: int) -> LeaveScene | None:
    """Say how members went; several that went in different ways since we last looked cannot be told apart."""
    match quit_scenes:
        case 1:
            return LeaveScene.LEFT
        case 2:
            return LeaveScene.REMOVED
        case _:
            return None


def quit_bit(scene: object) -> int:
    """Return what a callback's quit scene adds to ``quit_scenes``: 0 left, 1 removed by the owner."""
    return {"0": LEFT_BIT, "1": REMOVED_BIT}.get(str(scene), 0)


def left_at(joined_at: datetime, quit_at: datetime | None, now: datetime) -> datetime:
    """Return when a stay ended: as told by the last event, else when we noticed; never before it began."""
    return max(joined_at, min(quit_at or now, now))
