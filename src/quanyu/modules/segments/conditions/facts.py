"""Conditions on history: how often, how long ago, how much."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from quanyu.modules.events.asking.comparisons import Frozen, NumberTest, Operator
from quanyu.modules.events.asking.facts import Each, Facts, FieldValue, ProductValue
from quanyu.modules.events.asking.fields import FieldType, field_type
from quanyu.modules.events.asking.filters import FILTERS_MAX, Filter
from quanyu.modules.events.asking.windows import Amount, Instant, Unit, span_of


def _whole(test: NumberTest) -> NumberTest:
    if any(literal != int(literal) or literal < 0 for literal in test.literals):
        raise ValueError("a count is a whole number, zero or more")
    return test


class Event(Facts):
    """How many such events (or lines) the person has; ``count`` 0 means "did not"."""

    kind: Literal["event"]
    count: Annotated[NumberTest, AfterValidator(_whole)] = NumberTest(op=Operator.GTE, value=1)


class Ago(Frozen):
    """The instant lies at least, or at most, so long before the evaluation; the border is met."""

    kind: Literal["ago"]
    op: Literal["at_least", "at_most"]
    amount: Amount
    unit: Unit

    @model_validator(mode="after")
    def _span_fits(self) -> "Ago":
        span_of(self.amount, self.unit)
        return self


class At(Frozen):
    """The instant is ``at_most`` (not after) or ``at_least`` (not before) the given one."""

    kind: Literal["at"]
    op: Literal["at_least", "at_most"]
    instant: Instant


class Recency(Facts):
    """What is true of the person's last (or first) such event or line; nobody without one is in.

    ``when`` asks how long ago it was. ``having`` asks what that very event says, while ``where`` says which
    events are looked at to begin with. Of events at one instant, the one that arrived later is the later.
    """

    kind: Literal["recency"]
    which: Literal["last", "first"] = "last"
    when: Annotated[Ago | At, Field(discriminator="kind")] | None = None
    having: Annotated[tuple[Filter, ...], Field(max_length=FILTERS_MAX)] = ()

    @model_validator(mode="after")
    def _asks_something(self) -> "Recency":
        if self.when is None and not self.having:
            raise ValueError("say when it was, or what it says (having)")
        if self.having and self.each is Each.ITEMS:
            raise ValueError("having looks at an event as a whole; leave out each")
        return self

    def fields_read(self) -> tuple[str, ...]:
        return (*super().fields_read(), *(condition.field for condition in self.having))


class Function(StrEnum):
    """Aggregates. Of nothing, ``sum``, ``count`` and ``distinct`` are 0; the others are missing."""

    SUM = "sum"
    COUNT = "count"
    MIN = "min"
    MAX = "max"
    AVG = "avg"
    DISTINCT = "distinct"


class Aggregate(Facts):
    """A number computed over the person's facts, compared exactly in decimals."""

    kind: Literal["aggregate"]
    function: Function
    of: Annotated[FieldValue | ProductValue, Field(discriminator="kind")]
    test: NumberTest

    @model_validator(mode="after")
    def _function_fits_value(self) -> "Aggregate":
        arithmetic = self.function not in (Function.COUNT, Function.DISTINCT)
        if arithmetic and isinstance(self.of, FieldValue) and field_type(self.of.field) is FieldType.TEXT:
            raise ValueError(f"{self.of.field} holds text; {self.function} needs numbers")
        return self

    def fields_read(self) -> tuple[str, ...]:
        values = (self.of.field,) if isinstance(self.of, FieldValue) else self.of.of
        return (*(condition.field for condition in self.where), *values)

    def holds_for_nothing(self) -> bool:
        """Tell whether a person without such facts meets the test."""
        missing = self.function in (Function.MIN, Function.MAX, Function.AVG)
        return not missing and self.test.holds(Decimal(0))
