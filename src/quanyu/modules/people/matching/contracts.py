"""What crosses the boundary of the review queue: suggestions, decisions, runs, cases."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quanyu.modules.people.contracts import PersonRow
from quanyu.modules.people.separation.contracts import KnownIdentity


class MatchState(StrEnum):
    """What became of a suggestion. One that holds no more ends by itself and is not listed."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class ComparedField(_Model):
    """One field both sides have: what each has (masked as on the card of a person), and what that says."""

    field: str  # name, nickname, given_name, surname, birth_date, phone, email, id_number, address …
    level: str  # equal, close, similar, swapped, different
    bits: float  # What it adds to the score: base-two logarithm of the likelihood ratio.
    a: tuple[str, ...]
    b: tuple[str, ...]


class MatchView(_Model):
    """Two people who may be one."""

    id: str
    a: PersonRow
    b: PersonRow
    score: float  # Probability that they are one person, between 0 and 1.
    model: str
    fields: tuple[ComparedField, ...]  # What says most first.
    state: MatchState
    found_at: datetime
    decided_by: str
    decided_at: datetime | None
    is_automatic: bool


class MatchPage(_Model):
    """One page of suggestions."""

    items: tuple[MatchView, ...]
    next_cursor: str | None


class MatchRun(_Model):
    """One run of the model, and the edges that came of it."""

    id: str
    kind: str  # all: everybody, on demand; changes: whoever changed, one run a day.
    model: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    progress: float  # Of everybody, between 0 and 1; 1 for a run of changes.
    people: int
    pairs: int
    suggested: int
    impossible: int  # Likely, but the graph would refuse.
    blocks_dropped: int  # Keys that too many people share to say anything.
    joined: int  # Edges made unasked that stand.
    accepted: int  # Edges somebody accepted that stand.
    rollback_by: str
    rollback_at: datetime | None
    rolled_back: int  # Edges deleted so far.
    rolled_back_at: datetime | None  # ``None`` while a rollback is under way.


class MatchSummary(_Model):
    """What waits, how far comparing is, and what the brand wants."""

    open: int
    cases: int
    waiting: int  # People to compare.
    compared: int
    people: int
    model: str
    is_on: bool
    auto_min: float | None
    runs: tuple[MatchRun, ...]


class SaveMatching(_Model):
    """Whether people are compared, and from which score on two become one without asking."""

    is_on: bool = True
    auto_min: Annotated[float, Field(ge=0.5, le=1)] | None = None


class RollbackRun(_Model):
    """Delete the edges a run made; with ``accepted`` also those that somebody accepted."""

    accepted: bool = False


class RollbackPreview(_Model):
    """What a rollback would do. Nothing has changed."""

    edges: int
    people: int  # Who would come apart, at most: some may be held together by other evidence, too.


class MatchDecision(_Model):
    """What was decided, and whom it concerns now."""

    id: str
    state: MatchState
    people: tuple[str, ...]


class StartedRun(_Model):
    """The run that was started."""

    id: str


class IdentityCase(_Model):
    """A value that did not join people, or joined too many: for somebody to look at."""

    identity: KnownIdentity
    kind: str  # limit: joins were refused; quarantined: put aside because it tangles people together.
    reasons: tuple[str, ...]
    people: int  # How many people it would tie together.
    shown: tuple[PersonRow, ...]  # Some of them.
    since: datetime


class IdentityCases(_Model):
    """What waits for review. ``is_all``: whether nothing was left out."""

    items: tuple[IdentityCase, ...]
    is_all: bool


class SettleCase(_Model):
    """Seen, and left as it is."""

    identity: Annotated[str, Field(pattern=r"^idn_[0-9a-f]{32}$")]
