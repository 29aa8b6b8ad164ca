"""What of people's events a definition can look at: nothing else is read, which is most of the cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.modules.events.asking.facts import Each, Facts
from quanyu.modules.events.asking.fields import PROPERTY_PREFIX
from quanyu.modules.events.asking.windows import bounds_of, epoch_ms
from quanyu.modules.segments.belonging_sql import bond_names
from quanyu.modules.segments.conditions.consent import Consented
from quanyu.modules.segments.conditions.membership import Bond, Moved, Relation
from quanyu.modules.segments.conditions.sequence import Sequence as Steps
from quanyu.modules.segments.consent_sql import CONSENT_FACTS
from quanyu.modules.segments.tree import Condition, conditions_of

# Text fields by their outside names, and the columns that hold them.
TEXTS: Final = {
    "order_id": "order_id", "currency": "currency", "source": "source", "kind": "kind",
    "message_id": "message_id", "context.channel": "channel", "context.app": "app", "context.scene": "scene",
    "context.source": "source_code", "context.campaign": "campaign", "context.content": "content",
    "context.staff": "staff", "context.store": "store", "context.group": "group_id",
    "context.session": "session", "context.device": "device",
}  # fmt: skip
ITEM_TEXTS: Final = ("product_id", "sku", "name", "category", "brand", "variant", "coupon")
_BEGINNING_MS: Final = epoch_ms(datetime(1900, 1, 1, tzinfo=UTC))  # Of what the warehouse can hold.
_ITEMS: Final = ("price", "quantity", "occurred_at", *ITEM_TEXTS)


@dataclass(frozen=True, slots=True)
class Reading:
    """The events to read: of which names, from which millisecond on, and which columns."""

    names: tuple[str, ...]
    first_ms: int
    columns: str


def reading_of(definition: Condition, *, since: datetime, zone: ZoneInfo) -> Reading:
    """Return what ``definition`` can look at, evaluated at any instant from ``since`` on."""
    asking = [node for node in conditions_of(definition) if _names(node)]
    fields = {field for node in asking if isinstance(node, (Facts, Steps)) for field in node.fields_read()}
    is_whole = any(not isinstance(node, (Facts, Steps)) for node in asking)
    firsts = [_first_ms(node, since, zone) for node in asking]
    return Reading(
        names=tuple(sorted(names_asked(definition))),
        first_ms=min(firsts, default=_BEGINNING_MS),
        columns=_columns(
            with_properties=is_whole or any(field.startswith(PROPERTY_PREFIX) for field in fields),
            texts=set(TEXTS) if is_whole else fields,
            with_items=any(isinstance(node, Facts) and node.each is Each.ITEMS for node in asking),
        ),
    )


def whole_reading(definition: Condition) -> Reading:
    """Return everything of the events ``definition`` names, for who explains and not only judges."""
    columns = _columns(with_properties=True, texts=set(TEXTS), with_items=True)
    return Reading(tuple(sorted(names_asked(definition))), _BEGINNING_MS, columns)


def names_asked(definition: Condition) -> set[str]:
    """Return the names of events a definition looks at."""
    return {name for node in conditions_of(definition) for name in _names(node)}


def _names(node: Condition) -> Iterable[str]:
    if isinstance(node, Facts):
        return node.names
    if isinstance(node, Steps):
        return [name for one in (*node.steps, *node.without) for name in one.names]
    if isinstance(node, Relation):
        return bond_names(Bond(node.to))
    if isinstance(node, Consented):
        return CONSENT_FACTS
    return (node.move.fact,) if isinstance(node, Moved) else ()


def _first_ms(node: Condition, since: datetime, zone: ZoneInfo) -> int:
    """A tie or consent of years ago still holds; a line may have happened long after its event."""
    if not isinstance(node, (Facts, Steps, Moved)) or (isinstance(node, Facts) and node.each is Each.ITEMS):
        return _BEGINNING_MS
    first_ms = bounds_of(node.window, as_of=since, zone=zone).first_ms
    return _BEGINNING_MS if first_ms is None else first_ms


def _columns(*, with_properties: bool, texts: set[str], with_items: bool) -> str:
    """Return the columns, each in its place; of one that is not read, a constant."""
    read = ["name", "occurred_at", "position", "toJSONString(properties)" if with_properties else "'{}'"]
    read += ["revenue", "quantity", *(column if name in texts else "''" for name, column in TEXTS.items())]
    read += [f"`items.{one}`" if with_items else "[]" for one in _ITEMS]
    return ", ".join(read)
