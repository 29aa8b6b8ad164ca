"""Pure decisions: what changes when a segment is evaluated, and when it is due again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId, encode_id

LISTENED_EVERY: Final = timedelta(seconds=1)
OTHERS_EVERY: Final = timedelta(seconds=60)
# Of real time, evaluating one segment takes at most this share.
DUTY_MAX: Final = 0.25
PAUSE_MIN_S: Final = 1.0
PAUSE_FAILED_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """New members against stored ones, in person ids, as the warehouse computed it.

    ``added`` and ``removed`` are rows to write. ``entered`` and ``left`` leave out people who only go by
    another id since a merge. ``removed_canonical`` is who each removed row stands for today.
    """

    count: int
    added: Sequence[int]
    removed: Sequence[int]
    removed_canonical: Sequence[int]
    entered: Sequence[int]
    left: Sequence[int]


@dataclass(slots=True)
class Change:
    """What happens to one person, in one transaction."""

    person: int
    is_added: bool = False
    is_entered: bool = False
    is_left: bool = False
    at: datetime | None = None  # When, if time alone moved them; else it was seen at the evaluation.
    removed_rows: list[int] = field(default_factory=list)


def plan_changes(difference: Difference, instants: Mapping[int, datetime] | None = None) -> list[Change]:
    """Group the difference by person, so that a merged person's rows and facts change together.

    ``instants`` says of whom it is known when they entered or left.
    """
    changes: dict[int, Change] = {}
    for person in difference.added:
        changes[person] = Change(person, is_added=True)
    for row, person in zip(difference.removed, difference.removed_canonical, strict=True):
        changes.setdefault(person, Change(person)).removed_rows.append(row)
    for person in difference.entered:
        changes[person].is_entered = True
    for person in difference.left:
        changes[person].is_left = True
    for person, instant in (instants or {}).items():
        changes[person].at = instant
    return list(changes.values())


def chunks(changes: Sequence[Change], size: int) -> Iterator[list[Change]]:
    """Cut into parts that fit one transaction."""
    remaining = iter(changes)
    while part := list(islice(remaining, size)):
        yield part


def membership_fact(name: str, *, segment_id: int, person: int, at: datetime) -> Fact:
    """State that a person entered or left; said again, it is the same fact."""
    segment = encode_id("seg", segment_id)
    instant_ms = int(at.timestamp() * 1000)
    return Fact(
        name=name,
        message_id=f"{name}:{segment}:{person}:{instant_ms}",
        occurred_at=at,
        person_id=PersonId(person),
        properties={"segment_id": segment},
    )


def is_due(*, age: timedelta | None, is_listened: bool, real_s_since: float | None, pause_s: float) -> bool:
    """Tell whether a segment should be evaluated again.

    ``age`` is how old the members are on the business clock (``None``: never evaluated). Real time
    bounds the cost: it is left alone for ``pause_s`` and at least a second, however fast the clock runs.
    """
    if real_s_since is not None and real_s_since < max(PAUSE_MIN_S, pause_s):
        return False
    return age is None or age >= (LISTENED_EVERY if is_listened else OTHERS_EVERY)
