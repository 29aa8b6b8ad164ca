"""Conditions on belonging: to another segment, to groups, accounts and members of staff."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StrictStr

from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.windows import (
    AbsoluteWindow,
    CalendarWindow,
    Ever,
    RollingWindow,
    Window,
)
from quanyu.modules.segments.conditions.facts import Ago

SEGMENT_PREFIX: Final = "seg"
IDS_MAX: Final = 200


def _segment_id(text: str) -> str:
    try:
        decode_id(SEGMENT_PREFIX, text)
    except InvalidId as error:
        raise ValueError(f"{text[:40]!r} is not the id of a segment ({SEGMENT_PREFIX}_…)") from error
    return text


class _AboutSegment(Frozen):
    segment: Annotated[StrictStr, Field(max_length=40), AfterValidator(_segment_id)]

    @property
    def number(self) -> int:
        """The segment as the databases know it."""
        return decode_id(SEGMENT_PREFIX, self.segment)


Stay = Annotated[Ago | Ever | RollingWindow | AbsoluteWindow | CalendarWindow, Field(discriminator="kind")]


class InSegment(_AboutSegment):
    """The person is a stored member of another segment, rule or list.

    With ``since``, the membership began at least (or at most) so long ago, or in that window.
    """

    kind: Literal["segment"]
    since: Stay | None = None


class Move(StrEnum):
    """What somebody can do with a segment."""

    ENTERED = "entered"
    LEFT = "left"

    @property
    def fact(self) -> str:
        """The name of the event that states it."""
        return f"segments.{self}"


class Moved(_AboutSegment):
    """The person entered, or left, another segment at least once in ``window``, as was stated then.

    What was stated of everybody merged into them counts.
    """

    kind: Literal["segment_move"]
    move: Move
    window: Window = Ever()


class Bond(StrEnum):
    """What somebody can be tied to."""

    GROUP = "group"  # Is in a customer group, by chat id.
    ACCOUNT = "account"  # Follows an official account, by app id.
    STAFF = "staff"  # Is a customer of a member of staff, by user id.


class Relation(Frozen):
    """The person is tied, at T, to one of ``ids`` (to any at all if none are named); or to ``none`` of them.

    With ``since``, only ties that began in that window count.
    """

    kind: Literal["relation"]
    to: Bond
    op: Literal["any", "none"] = "any"
    ids: Annotated[
        tuple[Annotated[StrictStr, Field(min_length=1, max_length=200)], ...], Field(max_length=IDS_MAX)
    ] = ()
    since: Window = Ever()
