"""Which facts of a person something looks at: events or their line items, in a window, and values of them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.fields import FieldName, FieldType, field_type, is_item_field
from quanyu.modules.events.asking.filters import FILTERS_MAX, NAMES_MAX, EventName, Filter
from quanyu.modules.events.asking.windows import Ever, Window


class Each(StrEnum):
    """What is looked at one by one: events, or the line items inside them."""

    EVENT = "event"
    ITEMS = "items"


class Facts(Frozen):
    """Which facts a condition looks at: events of the given names, or each of their line items.

    All filters must hold on the *same* event or line. The window applies to the event's own time,
    for line items to the line's time (the event's where the line has none).
    """

    name: EventName | Annotated[tuple[EventName, ...], Field(min_length=1, max_length=NAMES_MAX)]
    each: Each = Each.EVENT
    where: Annotated[tuple[Filter, ...], Field(max_length=FILTERS_MAX)] = ()
    window: Window = Ever()

    @model_validator(mode="after")
    def _item_fields_only_per_item(self) -> "Facts":
        if self.each is Each.EVENT:
            for field in self.fields_read():
                if is_item_field(field):
                    raise ValueError(f'{field} belongs to a line item; say "each": "items"')
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The event names, at least one."""
        return (self.name,) if isinstance(self.name, str) else self.name

    def fields_read(self) -> tuple[str, ...]:
        """Every field of history this condition reads."""
        return tuple(condition.field for condition in self.where)


class FieldValue(Frozen):
    """The value of one field; facts without it (or, for arithmetic, without a number) are left out."""

    kind: Literal["field"]
    field: FieldName


class ProductValue(Frozen):
    """The exact product of two amounts, such as ``item.price`` and ``item.quantity``."""

    kind: Literal["product"]
    of: tuple[FieldName, FieldName]

    @model_validator(mode="after")
    def _amounts_only(self) -> "ProductValue":
        for field in self.of:
            if field_type(field) is not FieldType.DECIMAL:
                raise ValueError(
                    f"{field} is no amount; multiply revenue, quantity, item.price or item.quantity"
                )
        return self
