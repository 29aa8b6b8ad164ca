"""Which events: their names, and comparisons that must hold on one and the same event."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StrictStr, model_validator

from quanyu.modules.events.asking.comparisons import (
    PRESENCE,
    TEXT_ONLY,
    Comparison,
    Operator,
    check_exact,
    is_number,
)
from quanyu.modules.events.asking.fields import FieldName, FieldType, field_type

FILTERS_MAX: Final = 20
NAMES_MAX: Final = 20


class Filter(Comparison):
    """Compares one field of the event (or line) in question."""

    field: FieldName

    @model_validator(mode="after")
    def _literal_fits_field(self) -> "Filter":
        check_literals(self.field, self.op, self.literals)
        return self


def check_literals(field: str, op: Operator, literals: tuple[Any, ...]) -> None:
    """Refuse a literal that the field's column can never hold.

    Raises:
        ValueError: says which kind of literal the field needs.
    """
    kind = field_type(field)
    if kind is FieldType.ANY or op in PRESENCE:
        return
    if kind is FieldType.TEXT and not all(isinstance(literal, str) for literal in literals):
        raise ValueError(f"{field} holds text; write the value in quotation marks")
    if kind is FieldType.DECIMAL:
        if op in TEXT_ONLY or not all(is_number(literal) for literal in literals):
            raise ValueError(f"{field} holds numbers; compare it with numbers")
        for literal in literals:
            check_exact(literal)


def _storable_name(name: str) -> str:
    if any(ord(letter) < 32 for letter in name):
        raise ValueError("an event name must not contain control characters")
    return name


EventName = Annotated[StrictStr, Field(min_length=1, max_length=200), AfterValidator(_storable_name)]
