"""What people see of an account's condition."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from quanyu.modules.channels.token_store import TokenUse


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class RefusedDeliveries(_Frozen):
    """Deliveries to the account's callback address that were not taken, of the last 24 hours."""

    reason: str
    count: int
    last_at: datetime
    detail_zh: str
    detail_en: str


class FollowerCounts(_Frozen):
    """Openids of the account by what is known of them."""

    following: int
    left: int
    unknown: int  # Nobody asked the platform yet.


class Backlog(_Frozen):
    """Work on its way to the platform, and what it refused."""

    user_info_waiting: int
    tags_waiting: int
    tags_failed: int
    codes_waiting: int
    codes_failed: int
    late_replies_waiting: int
    late_replies_failed_24h: int


class TokenLife(_Frozen):
    """An access token or ticket in use, by what it opens."""

    use: TokenUse
    expires_at: datetime


class HeldBack(_Frozen):
    """A call that is not made before ``until``: the platform refused it for its limits."""

    path: str
    until: datetime


class AccountHealth(_Frozen):
    """An account's condition at a glance."""

    last_callback_at: datetime | None
    last_event_at: datetime | None  # When what came last happened, by the platform's clock.
    token_expires_at: datetime | None
    tokens: tuple[TokenLife, ...]  # All of them; a corp has one for each secret.
    held_back: tuple[HeldBack, ...]
    refused: tuple[RefusedDeliveries, ...]
    followers: FollowerCounts
    backlog: Backlog


class SeenCallback(_Frozen):
    """One callback as it came in."""

    received_at: datetime
    occurred_at: datetime
    name: str  # The event it became.
    summary: str  # The text, key or scene it is about.
    person_id: str | None
    answered_by: str | None


class SeenCallbacks(_Frozen):
    """The last callbacks, newest first."""

    items: tuple[SeenCallback, ...]


class Quota(_Frozen):
    """What is left today of one call; ``error`` where the platform tells nothing."""

    path: str
    name_zh: str
    name_en: str
    daily_limit: int | None
    used: int | None
    remain: int | None
    error_zh: str
    error_en: str


class Quotas(_Frozen):
    """The calls in use and what is left of each, as the platform counts."""

    items: tuple[Quota, ...]
    asked_at: datetime
