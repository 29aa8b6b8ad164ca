"""Operators and their literals: the leaves of a definition that compare one value.

A value is text, a number, a truth value, something else (a list), or missing. A comparison with a
missing value is unknown and therefore not met, except by the operators that ask for it.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, TypeGuard

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

VALUES_MAX: Final = 1_000
DECIMALS_MAX: Final = 8
MAGNITUDE_LIMIT: Final = 10**15  # Numbers that are added up or compared exactly stay below this.


class Frozen(BaseModel):
    """Base of every node: immutable, and unknown keys are errors rather than ignored wishes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Operator(StrEnum):
    """How one value is compared. ``ne`` is not met by a missing value; ``ne_or_missing`` is."""

    EQ = "eq"
    NE = "ne"
    NE_OR_MISSING = "ne_or_missing"
    IN = "in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    BETWEEN = "between"  # Both ends belong to it.
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    IS_SET = "is_set"
    IS_MISSING = "is_missing"


PRESENCE: Final = frozenset({Operator.IS_SET, Operator.IS_MISSING})
ORDERING: Final = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE, Operator.BETWEEN})
TEXT_ONLY: Final = frozenset({Operator.CONTAINS, Operator.STARTS_WITH})


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("text must not contain the NUL character")
    return text


def _in_range(number: int | float) -> int | float:
    if not -(2**63) <= number < 2**63:
        raise ValueError("numbers must be finite and fit in 64 bits")
    return number


Text = Annotated[StrictStr, Field(max_length=1_000), AfterValidator(_storable)]
Integer = Annotated[StrictInt, AfterValidator(_in_range)]
Real = Annotated[StrictFloat, Field(allow_inf_nan=False), AfterValidator(_in_range)]
Scalar = StrictBool | Integer | Real | Text
Number = Integer | Real


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell numbers from truth values, which Python counts as numbers."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def exact(number: int | float) -> Decimal:
    """Return the decimal a person wrote: the shortest text that gives this number back."""
    return Decimal(repr(number))


def check_exact(number: int | float) -> None:
    """Refuse a literal that cannot be compared exactly with money.

    Raises:
        ValueError: it has more than 8 decimals, or is 10^15 or more.
    """
    value = exact(number)
    if abs(value) >= MAGNITUDE_LIMIT:
        raise ValueError("the number must be smaller than 10^15")
    if value != round(value, DECIMALS_MAX):
        raise ValueError("the number must have at most 8 decimals")


class Comparison(Frozen):
    """``op`` with the literal it needs: one value, a list for ``in``, two for ``between``, or none."""

    op: Operator
    value: Scalar | Annotated[tuple[Scalar, ...], Field(max_length=VALUES_MAX)] | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> "Comparison":
        problem = _problem(self.op, self.value)
        if problem:
            raise ValueError(problem)
        return self

    @property
    def literals(self) -> tuple[Any, ...]:
        """The literals, none to many, in the order given."""
        if self.value is None:
            return ()
        return self.value if isinstance(self.value, tuple) else (self.value,)


def _problem(op: Operator, value: Any) -> str | None:
    """Say why ``value`` is not what ``op`` needs, or nothing if it is."""
    if op in PRESENCE:
        return None if value is None else f"{op} takes no value"
    if op is Operator.IN:
        return None if isinstance(value, tuple) and value else "in needs a list of at least one value"
    if op is Operator.BETWEEN:
        return _between_problem(value)
    if value is None or isinstance(value, tuple):
        return f"{op} needs one value"
    if op in TEXT_ONLY and not (isinstance(value, str) and value):
        return f"{op} needs a text that is not empty"
    if op in ORDERING and isinstance(value, bool):
        return f"{op} needs a number or a text"
    return None


def _between_problem(value: Any) -> str | None:
    if not isinstance(value, tuple) or len(value) != 2:
        return "between needs a list of two values"
    low, high = value
    same_kind = (is_number(low) and is_number(high)) or (isinstance(low, str) and isinstance(high, str))
    if not same_kind:
        return "between needs two numbers or two texts"
    return "between needs the smaller value first" if low > high else None


class NumberTest(Frozen):
    """A comparison of a computed number, such as a count or a sum."""

    op: Operator
    value: Number | tuple[Number, Number]

    @model_validator(mode="after")
    def _value_fits(self) -> "NumberTest":
        if self.op not in ORDERING and self.op not in (Operator.EQ, Operator.NE):
            raise ValueError(
                f"{self.op} does not compare a computed number; use eq, ne, gt, gte, lt, lte or between"
            )
        problem = _problem(self.op, self.value)
        if problem:
            raise ValueError(problem)
        for literal in self.literals:
            check_exact(literal)
        return self

    @property
    def literals(self) -> tuple[int | float, ...]:
        """One literal, or two for ``between``."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def holds(self, number: Decimal | int) -> bool:
        """Tell whether ``number`` meets the test."""
        first = exact(self.literals[0])
        match self.op:
            case Operator.EQ:
                return number == first
            case Operator.NE:
                return number != first
            case Operator.GT:
                return number > first
            case Operator.GTE:
                return number >= first
            case Operator.LT:
                return number < first
            case Operator.LTE:
                return number <= first
            case _:
                return first <= number <= exact(self.literals[-1])
