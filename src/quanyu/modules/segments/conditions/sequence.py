"""A condition on order: one thing after the other, each a different event."""

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.fields import FieldName, is_item_field
from quanyu.modules.events.asking.filters import FILTERS_MAX, NAMES_MAX, EventName, Filter
from quanyu.modules.events.asking.windows import Ever, Window
from quanyu.modules.segments.conditions.habits import Span

STEPS_MAX: Final = 8
EVENTS_MAX: Final = 1_000  # Of one person, where steps have limits of their own: the newest are looked at.


class Happening(Frozen):
    """Events of the given names that meet every filter."""

    name: EventName | Annotated[tuple[EventName, ...], Field(min_length=1, max_length=NAMES_MAX)]
    where: Annotated[tuple[Filter, ...], Field(max_length=FILTERS_MAX)] = ()

    @model_validator(mode="after")
    def _events_only(self) -> "Happening":
        for condition in self.where:
            if is_item_field(condition.field):
                raise ValueError(f"{condition.field} belongs to a line item; a step looks at events")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The event names, at least one."""
        return (self.name,) if isinstance(self.name, str) else self.name


class Step(Happening):
    """One step; ``within`` is the longest time since the step before."""

    within: Span | None = None


class Sequence(Frozen):
    """Different events e1 … en, one per step, at t1 ≤ t2 ≤ … ≤ tn; the same millisecond counts as ordered.

    ``within`` limits tn - t1. No event of ``without`` lies strictly between t1 and tn. With ``same``, all of
    them (those of ``without`` too) have the same value there. The window holds every event looked at.
    """

    kind: Literal["sequence"]
    steps: Annotated[tuple[Step, ...], Field(min_length=2, max_length=STEPS_MAX)]
    within: Span | None = None
    without: Annotated[tuple[Happening, ...], Field(max_length=STEPS_MAX)] = ()
    same: FieldName | None = None
    window: Window = Ever()

    @model_validator(mode="after")
    def _fits(self) -> "Sequence":
        if self.steps[0].within is not None:
            raise ValueError("within of a step is the time since the step before; the first has none")
        if self.same is not None and is_item_field(self.same):
            raise ValueError(f"{self.same} belongs to a line item; a sequence looks at events")
        return self

    def fields_read(self) -> tuple[str, ...]:
        """Every field of history this condition reads."""
        parts = (*self.steps, *self.without)
        read = [condition.field for part in parts for condition in part.where]
        return (*read, self.same) if self.same is not None else tuple(read)
