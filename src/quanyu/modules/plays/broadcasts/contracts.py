"""What crosses the boundary of broadcasts. Shares are basis points: 10,000 is everybody."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.messaging.contracts import CampaignView, MessageKind, MessageState, ReasonText
from quanyu.modules.people.consent.contracts import PurposeKey

PREFIX: Final = "bct"
BROADCASTS_MAX: Final = 5_000


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class BroadcastStatus(StrEnum):
    """Where a broadcast is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SNAPSHOTTING = "snapshotting"  # Its audience is being written down.
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLING = "cancelling"  # What waits is being taken back.
    CANCELLED = "cancelled"
    DONE = "done"


class PersonState(StrEnum):
    """What became of somebody in the audience of a run. All together are the audience."""

    WAITING = "waiting"
    PLANNED = "planned"  # The message was planned; its own state says the rest.
    CONTROL = "control"  # Held out of this broadcast, so that its worth can be told.
    HELD_OUT = "held_out"  # Held out of all marketing.
    EXCLUDED = "excluded"  # In the segment that is left out.
    DUPLICATE = "duplicate"  # Became one with somebody else who got it.
    CANCELLED = "cancelled"  # It was cancelled before their turn.


class Timing(StrEnum):
    """How somebody's hour was chosen, when each gets it at their best."""

    BEST = "best"
    RANDOM = "random"  # The control of the hour: without it nobody knows whether hours matter.


class Now(_Command):
    """Send as soon as it is started."""

    kind: Literal["now"] = "now"


class At(_Command):
    """Send at an instant."""

    kind: Literal["at"] = "at"
    at: AwareDatetime


class Recurring(_Command):
    """Send again and again, on days of the week, at a local time of the brand's zone."""

    kind: Literal["recurring"] = "recurring"
    weekdays: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7)]
    at: time  # Local, without a zone.
    until: date | None = None  # The last day.

    @model_validator(mode="after")
    def _local(self) -> "Recurring":
        if self.at.tzinfo is not None:
            raise ValueError("the time is local to the brand's zone; leave the zone out")
        return self


Schedule = Annotated[Now | At | Recurring, Field(discriminator="kind")]


class Waves(_Command):
    """Begin with a few; go on only if too few calls fail and too few people unsubscribe (MS-7)."""

    first_bps: Annotated[int, Field(ge=100, le=5_000)] = 500
    wait_minutes: Annotated[int, Field(ge=30, le=240)] = 60
    failed_max_bps: Annotated[int, Field(ge=0, le=10_000)] = 1_000
    unsubscribed_max_bps: Annotated[int, Field(ge=0, le=10_000)] = 200


class SaveBroadcast(_Command):
    """Plan a broadcast, or change its plan."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    segment_id: Annotated[str, Field(min_length=1, max_length=40)]
    exclude_segment_id: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    account_id: Annotated[str, Field(min_length=1, max_length=40)]
    message_kind: MessageKind
    content: Mapping[str, Any]
    purpose: PurposeKey | None = None
    schedule: Schedule = Field(default_factory=Now)
    best_hour: bool = False  # Each within a day, at the hour they are likeliest there.
    random_hour_bps: Annotated[int, Field(ge=500, le=1_000)] = 1_000
    per_minute: Annotated[int, Field(ge=1, le=600_000)] | None = None
    holdout_bps: Annotated[int, Field(ge=0, le=5_000)] = 0
    window_days: Annotated[int, Field(ge=1, le=30)] = 7  # What is bought so long after it counts.
    cost_minor: Annotated[int, Field(ge=0, le=1_000_000)] = 0  # Of one accepted message.
    expires_after_s: Annotated[int, Field(ge=3_600, le=7 * 86_400)] = 86_400
    waves: Waves | None = None


class RunView(_View):
    """One run, with its audience by what became of them; ``audience`` is the sum."""

    run: int
    started_at: datetime
    counted_at: datetime | None
    ended_at: datetime | None
    audience: int
    by_state: Mapping[PersonState, int]


class MoveView(_View):
    """Who moved a broadcast, and why."""

    at: datetime
    actor: str
    from_status: BroadcastStatus
    to_status: BroadcastStatus
    reason: str | None


class BroadcastRowView(_View):
    """A broadcast in a list."""

    id: str
    name: str
    status: BroadcastStatus
    run: int
    next_at: datetime | None
    audience: int  # Of all runs.
    created_at: datetime
    updated_at: datetime


class BroadcastView(BroadcastRowView):
    """A broadcast with its plan, how far it is, its latest runs, and who did what."""

    plan: SaveBroadcast
    progress: CampaignView
    runs: tuple[RunView, ...]
    moves: tuple[MoveView, ...]


class BroadcastPage(_View):
    """Some of the brand's broadcasts, newest first."""

    items: tuple[BroadcastRowView, ...]
    next_cursor: str | None


class AudienceView(_View):
    """Whom a plan would reach, before it is started."""

    members: int
    excluded: int
    control: int  # About so many, by share.
    to_send: int


class BroadcastPerson(_View):
    """Somebody of the audience of a run."""

    person_id: str
    display_name: str
    state: PersonState
    timing: str
    due_at: datetime
    message_id: str | None
    message_state: MessageState | None
    reason_text: ReasonText | None


class BroadcastPeople(_View):
    """Some people of a run."""

    items: tuple[BroadcastPerson, ...]
    next_cursor: str | None


class GroupResult(_View):
    """What people did within the window after their turn came."""

    people: int
    buyers: int
    orders: int
    revenue: Decimal


class Lift(_View):
    """What it brought per person, against who was held out; ``None`` bounds: nothing can be told yet."""

    buyer_rate: float
    buyer_rate_low: float | None
    buyer_rate_high: float | None
    revenue_per_person: float
    revenue_low: float | None
    revenue_high: float | None
    extra_revenue: float  # The difference, times the people who were to get it.


class BroadcastResult(_View):
    """The funnel and the worth of a broadcast, over all its runs.

    ``sent`` are the people who were to get it, whether or not each message went out: only so they compare
    with the control.
    """

    as_of: datetime
    window_days: int
    currency: str
    planned: int
    accepted: int
    delivered: int | None  # None: no kind of receipt for it.
    clicked: int | None  # None: no link was ever clicked, or none was in it.
    sent: GroupResult
    control: GroupResult | None
    best_hour: GroupResult | None
    random_hour: GroupResult | None
    unsubscribed: int  # Withdrew consent or unfollowed within the window.
    cost: Decimal
    lift: Lift | None
