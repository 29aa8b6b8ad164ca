"""What people do, as plain data: decided first, performed later."""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.relations import FollowScene


@dataclass(frozen=True, slots=True)
class Follow:
    """Follow the account, by search or by a QR code with a scene."""

    scene: FollowScene
    qr_scene: str = ""


@dataclass(frozen=True, slots=True)
class Unfollow:
    """Stop following."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Scan a code of the account."""

    qr_scene: str


@dataclass(frozen=True, slots=True)
class Tap:
    """Tap a menu button."""

    button: str


@dataclass(frozen=True, slots=True)
class Say:
    """Write a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Track:
    """Leave a hit in the shop: ``track``, ``page`` or ``identify``."""

    type: str
    event: str
    properties: dict[str, Any]
    url: str = ""
    title: str = ""
    traits: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """Come back for something at another time: a refund, a friend's visit."""

    kind: str
    person: int
    delay_s: float
    body: dict[str, Any]


Act = Follow | Unfollow | Scan | Tap | Say | Track | Later


@dataclass(frozen=True, slots=True)
class Step:
    """An act, so many seconds after its session began."""

    after_s: float
    act: Act


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a visit comes from; goes into the context of every hit of it."""

    channel: str
    scene: str = ""
    campaign: dict[str, str] = field(default_factory=dict)
    referrer: str = ""
    url: str = ""


@dataclass(slots=True)
class Biography:
    """What a person has done so far, as far as it steers what they do next."""

    sessions: int = 0
    orders: int = 0
    member: bool = False
    left: int = 0  # Times unfollowed.
    messages: int = 0  # Messages received, ever.
    recent_messages: list[float] = field(default_factory=list)  # Of the last week.
