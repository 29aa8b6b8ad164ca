"""Welcomes as the console shows them: the journal, figures, warnings, files and previews."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from quanyu.modules.staff.welcomes.contents import Frozen
from quanyu.modules.staff.welcomes.contracts import Scope, SlotKind, WelcomeDraft
from quanyu.modules.staff.welcomes.media_queries import KeptMedia, MediaKind
from quanyu.modules.staff.welcomes.states import WelcomeState

WELCOME_PREFIX: Final = "wel"


class WelcomeRow(Frozen):
    """One welcome: who came, what spoke, and what became of it (WM-2, WM-4)."""

    id: str
    corp: str
    staff: str  # The userid.
    staff_name: str
    customer: str  # The blind token.
    customer_name: str
    person_id: str | None
    state: WelcomeState
    reason: str
    reason_zh: str
    reason_en: str
    rule: str | None
    rule_name: str
    scope: Scope | None
    slot: str
    slot_kind: SlotKind | None
    variant: str
    fallback: str
    fallback_zh: str
    fallback_en: str
    happened_at: datetime
    received_at: datetime
    settled_at: datetime | None
    took_ms: int | None  # From the callback to the outcome.


class WelcomePage(Frozen):
    items: tuple[WelcomeRow, ...]
    next_cursor: str | None


class RivalWarning(Frozen):
    """Another system seems to greet too (WM-6): the platform said that a welcome was sent already."""

    corp: str
    refusals: int  # In the last seven days.
    welcomes: int  # All of them, for comparison.
    first_at: datetime
    last_at: datetime
    staff: tuple[str, ...]  # Whose customers it concerns, the most first.
    text_zh: str
    text_en: str


class WelcomeFigures(Frozen):
    """What became of the welcomes of some days, and how fast they were."""

    days: int
    states: dict[WelcomeState, int]
    fallbacks: int
    p50_ms: int | None  # From the callback to the platform's answer, of those sent.
    p99_ms: int | None
    warnings: tuple[RivalWarning, ...]


class WelcomeVariantFigures(Frozen):
    """What came of one variant (WM-8), as far as events tell."""

    slot: str
    variant: str
    sent: int
    people: int
    replied: int  # Began to chat within seven days; known of customers of acquisition links alone.
    clicked: int  # Opened a link of the welcome, told by its token.
    joined_group: int  # Within seven days.
    lost_7d: int  # Deleted the member within seven days.


class WelcomeRuleFigures(Frozen):
    days: int
    variants: tuple[WelcomeVariantFigures, ...]


class WelcomeFile(Frozen):
    """A file of the library."""

    id: str
    kind: MediaKind
    name: str
    content_type: str
    size: int
    ready: bool
    expires_at: datetime | None
    reason: str
    created_at: datetime


class WelcomeFiles(Frozen):
    items: tuple[WelcomeFile, ...]


class WelcomeTrial(Frozen):
    """A rule as it would greet somebody now. Nothing is sent."""

    draft: WelcomeDraft
    slot: Annotated[str, StringConstraints(max_length=60)] = ""  # Left out: the one that speaks now.
    variant: Annotated[str, StringConstraints(max_length=60)] = ""
    staff: Annotated[str, StringConstraints(max_length=64)] = ""
    # A real customer: a person's id, or the external user id; left out, the defaults stand.
    customer: Annotated[str, StringConstraints(max_length=80)] = ""


class ShownPart(Frozen):
    """One part of a rendered welcome, as a phone shows it."""

    kind: Literal["image", "link", "mini_program", "video", "file"]
    title: str = ""
    description: str = ""
    url: str = ""
    picture_url: str = ""
    media: str = ""


class WelcomeTrialOutcome(Frozen):
    """What would go out."""

    slot: str
    variant: str
    text: str
    parts: tuple[ShownPart, ...]
    fallback: str  # Why the plain text would go out; empty if the welcome itself would.
    fallback_zh: str
    fallback_en: str
    blocked: str | None  # The word of the block-list that keeps this customer from being greeted.
    text_bytes: int
    speaks: str | None  # The enabled rule that would speak for this customer and staff, if another one would.
    customer_found: bool


def show_media(media: KeptMedia, *, now: datetime) -> WelcomeFile:
    """Return a file as the console shows it."""
    return WelcomeFile(
        id=media.ref,
        kind=media.kind,
        name=media.name,
        content_type=media.content_type,
        size=media.size,
        ready=media.is_ready(now),
        expires_at=media.expires_at,
        reason=media.reason,
        created_at=media.created_at,
    )
