"""What journeys state: who came in, who went out and why, and who reached the goal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId, encode_id

ENTERED: Final = "journeys.entered"
LEFT: Final = "journeys.left"
GOAL_REACHED: Final = "journeys.goal_reached"


def entered(journey_id: int, version: int, enrolment_id: int, person_id: int, at: datetime) -> Fact:
    """State that somebody came into a journey; ``at`` is the passage's own time."""
    return _fact(ENTERED, journey_id, enrolment_id, person_id, at, {"version": version})


def left(journey_id: int, enrolment_id: int, person_id: int, at: datetime, *, seq: int, reason: str) -> Fact:
    """State that somebody went out; ``reason`` is ``end``, or why they left before it.

    ``seq`` keeps apart the leaving of a passage that went on after people had come apart.
    """
    key = f":{seq}:{reason}"
    return _fact(LEFT, journey_id, enrolment_id, person_id, at, {"reason": reason}, key)


def goal_reached(journey_id: int, enrolment_id: int, person_id: int, at: datetime) -> Fact:
    """State that somebody did what the journey is for, in time."""
    return _fact(GOAL_REACHED, journey_id, enrolment_id, person_id, at, {})


def _fact(
    name: str,
    journey_id: int,
    enrolment_id: int,
    person_id: int,
    at: datetime,
    more: Mapping[str, Any],
    key: str = "",
) -> Fact:
    enrolment = encode_id("enr", enrolment_id)
    return Fact(
        name=name,
        message_id=f"{name}:{enrolment}{key}",
        occurred_at=at,
        person_id=PersonId(person_id),
        properties={"journey_id": encode_id("jrn", journey_id), "enrolment_id": enrolment, **more},
    )
