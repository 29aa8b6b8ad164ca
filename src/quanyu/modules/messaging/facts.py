"""What this module states in the log. Ids derive from what is stated, so stating it again adds nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from quanyu.infra.unit_of_work import Fact, UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.messaging.capabilities import capability_of
from quanyu.modules.messaging.contracts import TEST_PREFIX


class FactName(StrEnum):
    """The facts."""

    REFUSED = "messaging.message_refused"
    ACCEPTED = "messaging.message_accepted"
    REJECTED = "messaging.message_rejected"
    UNKNOWN = "messaging.message_unknown"
    DELIVERED = "messaging.message_delivered"
    FAILED = "messaging.message_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The message a fact is about."""

    id: int
    origin_key: str
    person_id: PersonId
    kind: str
    journey_id: int | None
    node_id: str | None


def subject_of(intent: "Describable") -> Subject:
    """Return what a fact says of ``intent``."""
    return Subject(
        id=intent.id,
        origin_key=intent.origin_key,
        person_id=intent.person_id,
        kind=str(intent.kind),
        journey_id=intent.journey_id,
        node_id=intent.node_id,
    )


class Describable(Protocol):
    """Any row of a message that knows what a fact needs."""

    @property
    def id(self) -> int: ...
    @property
    def origin_key(self) -> str: ...
    @property
    def person_id(self) -> PersonId: ...
    @property
    def kind(self) -> str: ...
    @property
    def journey_id(self) -> int | None: ...
    @property
    def node_id(self) -> str | None: ...


def fact(name: FactName, subject: Subject, *, at: datetime, reason: str | None = None) -> Fact:
    """State that something became of a message."""
    message_id = encode_id("msg", subject.id)
    return Fact(
        name=str(name),
        message_id=f"{message_id}:{name.rpartition('_')[2]}",
        occurred_at=at,
        person_id=subject.person_id,
        properties={
            "message_id": message_id,
            "origin_key": subject.origin_key,
            "reason": reason,
            "journey_id": _journey(subject.journey_id),
            "node_id": subject.node_id,
            "kind": subject.kind,
        },
        context={"channel": str(capability_of(subject.kind).channel)},
    )


def tell(
    uow: UnitOfWork, name: FactName, intent: "Describable", *, at: datetime, reason: str | None = None
) -> None:
    """State in this unit of work that something became of a message; of a test nothing is told."""
    if not intent.origin_key.startswith(TEST_PREFIX):
        uow.publish(fact(name, subject_of(intent), at=at, reason=reason))


@lru_cache(maxsize=256)
def _journey(journey_id: int | None) -> str | None:
    # A batch states thousands of facts about one journey.
    return None if journey_id is None else encode_id("jrn", journey_id)
