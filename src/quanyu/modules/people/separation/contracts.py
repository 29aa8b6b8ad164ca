"""What crosses the boundary of the identity desk: why identifiers are one person's, and taking them apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.contracts import Departure, Merge

CHOSEN_MAX = 100
IdentityId = Annotated[str, Field(pattern=r"^idn_[0-9a-f]{32}$")]
ReasonText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class FollowsPeople(Protocol):
    """Moves what hangs on people who turned out to be one, or came apart; says how much of each it moved."""

    async def follow(
        self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]
    ) -> Mapping[str, int]:
        """Move it, in the same transaction."""
        ...


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class KnownIdentity(_Model):
    """One identifier. ``flag`` says why it joins nobody: shared, blocked, quarantined."""

    id: str
    namespace: str
    scope: str
    value_masked: str
    strength: int
    first_seen_at: datetime
    flag: str | None
    person: str  # Whose it is today.


class Evidence(_Model):
    """One edge: by what two identifiers are said to be one person's, and whether that holds."""

    a: str  # Identity ids.
    b: str
    evidence: str  # observed, explicit, or the model that suggested it.
    source: str
    state: str  # held, demoted, removed, quarantined
    reason: str  # Why it does not unite its ends.
    note: str  # Who stated or removed it, and why.
    first_event_at: datetime


class DecisionView(_Model):
    """What somebody decided about identifiers of this person."""

    id: str
    kind: str  # separated, shared, not_shared
    identities: tuple[str, ...]
    actor: str
    reason: str
    decided_at: datetime
    undone_by: str
    undone_at: datetime | None


class PersonEvidence(_Model):
    """Why these identifiers are one person's. ``identities`` holds the others' ends of edges, too."""

    person: str
    identities: tuple[KnownIdentity, ...]
    evidence: tuple[Evidence, ...]
    decisions: tuple[DecisionView, ...]


class ChooseIdentities(_Model):
    """Which of a person's identifiers are somebody else's."""

    identities: tuple[IdentityId, ...] = Field(min_length=1, max_length=CHOSEN_MAX)


class SeparateIdentities(ChooseIdentities):
    """Take them apart, and say why."""

    reason: ReasonText


class MarkIdentity(_Model):
    """Mark an identifier as used by many, or take the mark away."""

    identity: IdentityId
    is_shared: bool
    reason: ReasonText


class Side(_Model):
    """One of the people there will be. ``person`` is the id they have; ``None`` where it is a new one."""

    person: str | None
    identities: tuple[str, ...]
    events: int | None  # ``None`` while history cannot be read.


class SeparationPreview(_Model):
    """What taking them apart would do. Nothing has changed."""

    edges: int  # Pieces of evidence that would count no more.
    sides: tuple[Side, ...]
    # followers, customers, group_stays, form_answers, messages, consents, passages, inviter_codes
    moves: dict[str, int]


class SeparationResult(_Model):
    """What was done; ``decision`` takes it back."""

    decision: str
    people: tuple[str, ...]
    moves: dict[str, int]
