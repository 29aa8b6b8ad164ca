"""What people do, as plain data: decided first, performed later."""

from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.relations import FollowScene


@dataclass(frozen=True, slots=True)
class Follow:
    """Follow the account: by search, through a friend, or by a QR code.

    ``pick`` (0 to 1) chooses among the codes the account has made, if any; ``qr_scene`` is the printed
    code they see otherwise.
    """

    scene: FollowScene
    qr_scene: str = ""
    pick: float = 1.0


@dataclass(frozen=True, slots=True)
class Unfollow:
    """Stop following."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Scan a code of the account; chosen as for :class:`Follow`."""

    qr_scene: str
    pick: float = 1.0


@dataclass(frozen=True, slots=True)
class Tap:
    """Tap a menu button; when the account shows no such button, ``pick`` (0 to 1) chooses another."""

    button: str
    pick: float = 0.0


@dataclass(frozen=True, slots=True)
class Say:
    """Write a text, or tap an item of a menu message."""

    text: str
    menu_item: str = ""


@dataclass(frozen=True, slots=True)
class ShowPicture:
    """Send a picture."""


@dataclass(frozen=True, slots=True)
class ShowPlace:
    """Send where one is."""

    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Answer a request for notices: below ``openness`` each of ``chances`` is an accept."""

    openness: float
    chances: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """Block the account's template messages and switch its notices off."""


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


Act = (
    Follow | Unfollow | Scan | Tap | Say | ShowPicture | ShowPlace | AnswerRequest | Block | Track | Later
)  # fmt: skip


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
class Script:
    """Acts of one session in the making."""

    steps: list[Step] = field(default_factory=list)
    at_s: float = 0.0

    def add(self, act: Act, *, after_s: float) -> None:
        self.at_s += after_s
        self.steps.append(Step(self.at_s, act))


@dataclass(frozen=True, slots=True)
class Session:
    """One stay: where it came from, what happens in it."""

    arrival: Arrival
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Biography:
    """What a person has done so far, as far as it steers what they do next."""

    sessions: int = 0
    orders: int = 0
    member: bool = False
    left: int = 0  # Times unfollowed.
    messages: int = 0  # Messages received, ever.
    recent_messages: list[float] = field(default_factory=list)  # Of the last week.
