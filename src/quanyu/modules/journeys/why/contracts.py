"""What a journey tells of one person."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from quanyu.modules.journeys.definition import ReentryMode
from quanyu.modules.journeys.passages import PassageView
from quanyu.modules.messaging.contracts import MessageView


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class JourneyVerdict(StrEnum):
    """How it stands between a person and a journey; the first that holds.

    ``messaged``: something was planned for them, and each message tells what became of it. ``on_the_way`` and
    ``went_through``: they came in, and nothing was planned, or not yet. All others: they never came in.
    """

    MESSAGED = "messaged"
    ON_THE_WAY = "on_the_way"
    WENT_THROUGH = "went_through"
    NEVER_PUBLISHED = "never_published"
    NOT_RUNNING = "not_running"  # It is paused or was stopped.
    BY_REQUEST = "by_request"  # Only a program or a colleague lets people in, and nobody asked for them.
    NEVER_HAPPENED = "never_happened"  # What lets people in never happened to them.
    MEMBER_BEFORE = (
        "member_before"  # They were in the segment before the journey began, and have not come since.
    )
    PASSED_BY = "passed_by"  # It happened, and ``events`` tell why none of it let them in.


class EventVerdict(StrEnum):
    """What an event of the entry's name did for somebody."""

    LET_IN = "let_in"
    BEFORE = "before"  # It happened before people entered this way.
    LATE = "late"  # We heard of it more than an hour after it happened.
    FILTERED = "filtered"  # It does not meet the filters of the entry.
    OWN = "own"  # The journey stated it itself.
    REENTRY = "reentry"  # They had been in, and may not come in again, or not yet.
    NOT_LET_IN = "not_let_in"  # It is what is asked for, but the journey did not run, or has yet to read it.


class EntryEvent(_View):
    """Something that happened to the person and could have let them in."""

    name: str
    occurred_at: datetime
    received_at: datetime
    properties: dict[str, Any]
    verdict: EventVerdict


class JourneyWhy(_View):
    """Why one person did, or did not, get what a journey sends.

    ``events`` of the entry's name and ``messages`` of this journey for them: the latest, at most twenty each.
    """

    person_id: str  # Who they are today.
    display_name: str
    verdict: JourneyVerdict
    status: str
    since: datetime | None  # People enter in this way since then.
    entry: dict[str, Any] | None
    reentry: ReentryMode | None
    passages: tuple[PassageView, ...]
    events: tuple[EntryEvent, ...]
    messages: tuple[MessageView, ...]
