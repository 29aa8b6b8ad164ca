"""What an event filter or an aggregate may read: the columns of history, by their outside names.

``properties.<path>`` reads a property of any type; the other names are columns of one fixed type.
Names that begin with ``item.`` exist only where each line item is looked at on its own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, StrictStr

PATH_MAX: Final = 200
PROPERTY_PREFIX: Final = "properties."
ITEM_PREFIX: Final = "item."


class FieldType(StrEnum):
    """What a field holds. Text columns are missing when empty."""

    TEXT = "text"
    DECIMAL = "decimal"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the ``events`` table."""

    sql: str
    type: FieldType


_TEXT_COLUMNS: Final = {
    "order_id": "order_id",
    "currency": "currency",
    "source": "source",
    "kind": "kind",
    "message_id": "message_id",
    "context.channel": "channel",
    "context.app": "app",
    "context.scene": "scene",
    "context.source": "source_code",
    "context.campaign": "campaign",
    "context.content": "content",
    "context.staff": "staff",
    "context.store": "store",
    "context.group": "group_id",
    "context.session": "session",
    "context.device": "device",
}
_ITEM_TEXT: Final = ("product_id", "sku", "name", "category", "brand", "variant", "coupon")

COLUMNS: Final[dict[str, Column]] = {
    **{name: Column(sql, FieldType.TEXT) for name, sql in _TEXT_COLUMNS.items()},
    "revenue": Column("revenue", FieldType.DECIMAL),
    "quantity": Column("quantity", FieldType.DECIMAL),
    **{f"item.{name}": Column(f"items.{name}", FieldType.TEXT) for name in _ITEM_TEXT},
    "item.price": Column("items.price", FieldType.DECIMAL),
    "item.quantity": Column("items.quantity", FieldType.DECIMAL),
}


def check_path(path: str) -> str:
    """Return ``path`` if it is a dotted path of names.

    Raises:
        ValueError: it is too long, has an empty part, or contains control characters.
    """
    if not 1 <= len(path) <= PATH_MAX:
        raise ValueError(f"a key has 1 to {PATH_MAX} characters")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        raise ValueError("a key must not contain control characters")
    if not all(path.split(".")):
        raise ValueError(f"the key {path!r} has an empty part")
    return path


def check_field(name: str) -> str:
    """Return ``name`` if it is a field of history.

    Raises:
        ValueError: no such field.
    """
    if name.startswith(PROPERTY_PREFIX):
        check_path(name.removeprefix(PROPERTY_PREFIX))
    elif name not in COLUMNS:
        raise ValueError(f"there is no field {name!r}; use properties.<key> or one of {', '.join(COLUMNS)}")
    return name


def field_type(name: str) -> FieldType:
    """Return what the field holds."""
    return FieldType.ANY if name.startswith(PROPERTY_PREFIX) else COLUMNS[name].type


def is_item_field(name: str) -> bool:
    """Tell whether the field belongs to a line item rather than to the event."""
    return name.startswith(ITEM_PREFIX)


FieldName = Annotated[StrictStr, AfterValidator(check_field)]
AttributeKey = Annotated[StrictStr, AfterValidator(check_path)]
