"""Filters applied to one event as it comes by, with the same meaning they have in a segment."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from quanyu.modules.events.asking.filters import Filter
from quanyu.modules.segments.oracle import compare, look_up


class EventLike(Protocol):
    """An event of the log, or anything shaped like one."""

    @property
    def properties(self) -> Mapping[str, Any]: ...
    @property
    def context(self) -> Mapping[str, str]: ...
    @property
    def revenue(self) -> Decimal | None: ...
    @property
    def quantity(self) -> Decimal | None: ...
    @property
    def order_id(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def message_id(self) -> str: ...


def matches(where: Iterable[Filter], event: EventLike) -> bool:
    """Tell whether the event meets every filter; filters on line items are never met here."""
    return all(compare(_value(event, test.field), test) for test in where)


def _value(event: EventLike, name: str) -> Any:
    if name.startswith("properties."):
        return look_up(event.properties, name.removeprefix("properties."))
    if name.startswith("context."):
        key = name.removeprefix("context.")
        return event.context.get(_CONTEXT_KEYS.get(key, key)) or None
    if name.startswith("item."):
        return None
    value = getattr(event, name)
    return None if value == "" else value


# The log keeps two context fields under other names than the outside uses.
_CONTEXT_KEYS = {"source": "source_code", "group": "group_id"}
