"""Pure decisions about followers: what the changes, in whatever order they arrive, add up to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

# Clocks of the platform and of this machine differ a little.
_CLOCK_DOUBT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowState:
    """Whether somebody follows, and from which change we know it."""

    subscribed: bool | None = None  # None: never told.
    changed_at: datetime | None = None  # The platform's second of the change.
    is_disputed: bool = False  # They followed and left in that second: only the platform knows the order.
    subscribed_at: datetime | None = None  # The last time they followed.


@dataclass(frozen=True, slots=True)
class FollowChange:
    """A follow or an unfollow, as the platform reported it."""

    at: datetime  # Whole seconds: the platform tells no more.
    subscribed: bool


def apply_changes(state: FollowState, changes: Iterable[FollowChange]) -> FollowState:
    """Return the state after ``changes``; neither their order nor repetitions matter.

    The latest second wins. Two different changes in one second are disputed, and count as not following
    until the platform is asked: a message not sent can be sent later.
    """
    for change in changes:
        state = _apply(state, change)
    return state


def _apply(state: FollowState, change: FollowChange) -> FollowState:
    known = state.changed_at
    followed_at = state.subscribed_at
    if change.subscribed and (followed_at is None or change.at > followed_at):
        state = replace(state, subscribed_at=change.at)
    if known is None or change.at > known:
        return replace(state, subscribed=change.subscribed, changed_at=change.at, is_disputed=False)
    if change.at == known and change.subscribed != state.subscribed:
        return replace(state, subscribed=False, is_disputed=True)
    return state


@dataclass(frozen=True, slots=True)
class Asked:
    """What the platform answered about a person."""

    at: datetime  # When we asked, by our clock.
    subscribed: bool
    subscribed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The state after asking, and when to ask again, if at all."""

    state: FollowState
    ask_again_at: datetime | None = None


def reconcile(state: FollowState, asked: Asked) -> Reconciled:
    """Return what holds after the platform was asked.

    "Follows since t" settles everything up to and including t. "Does not follow" carries no time, so it
    settles everything but what happened while we asked.
    """
    if asked.subscribed:
        return Reconciled(_settle_following(state, asked.subscribed_at or asked.at))
    if state.changed_at is not None and state.changed_at > asked.at - _CLOCK_DOUBT and state.subscribed:
        return Reconciled(state, ask_again_at=asked.at + _CLOCK_DOUBT)
    return Reconciled(replace(state, subscribed=False, is_disputed=False))


def _settle_following(state: FollowState, since: datetime) -> FollowState:
    if state.changed_at is not None and state.changed_at > since:
        return state  # They left after that; the answer was older than what we know.
    return FollowState(subscribed=True, changed_at=since, subscribed_at=since)


def epoch(seconds: int) -> datetime:
    """Return the instant of the platform's Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)
