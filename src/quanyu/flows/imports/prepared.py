"""An event ready to be written, as the preparing process hands it over: small, plain, quick to read back."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from quanyu.flows.imports.cells import plain
from quanyu.flows.imports.mapping import PRODUCT_KEYS, ImportMap, Scalar
from quanyu.flows.imports.rules import Item, Name, OrderFact

GROUP: Final = "group"
TRACK: Final = "track"
IDENTIFY: Final = "identify"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class PreparedEvent(msgspec.Struct, array_like=True, kw_only=True):
    """One event. ``statement`` is a digest of everything it states except where it came from."""

    kind: str
    name: str
    message_id: str
    occurred_ms: int
    statement: bytes
    names: list[tuple[str, str, str]] = []  # [namespace, scope, value]
    traits: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    context: dict[str, str] = {}
    order_id: str = ""
    revenue: str | None = None
    currency: str = ""
    quantity: str | None = None
    items_json: bytes = b""  # Encoded once, here: an import has many more lines than events.


_encoder: Final = msgspec.msgpack.Encoder()
_json: Final = msgspec.json.Encoder(order="sorted")
encode_event: Final = _encoder.encode


def milliseconds(instant: datetime) -> int:
    """Return milliseconds since 1970, exactly."""
    return (instant - _EPOCH) // _MILLISECOND


def instant_of(occurred_ms: int) -> datetime:
    """Return the instant ``milliseconds`` was made from."""
    return _EPOCH + timedelta(milliseconds=occurred_ms)


def iso(instant: datetime) -> str:
    """Write an instant as the API does."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class OrderEncoder:
    """Writes orders as events by one map's names."""

    def __init__(self, import_map: ImportMap) -> None:
        products = import_map.lines.products if import_map.lines else ()
        self._products = tuple(field.key for field in products)
        assert set(self._products) <= set(PRODUCT_KEYS)
        self._properties = tuple(field.key for field in import_map.properties)
        self._context = tuple(field.key for field in import_map.context)

    def encode(self, fact: OrderFact) -> PreparedEvent:
        """Return the event that tells ``fact``."""
        items = [self._item(item) for item in fact.items]
        # On the wire an order has these as properties; the columns beside them keep them exactly.
        properties = {"order_id": fact.order_id, "currency": fact.currency} | told(
            self._properties, fact.properties
        )
        event = PreparedEvent(
            kind=TRACK,
            name=fact.name,
            message_id=fact.message_id,
            occurred_ms=milliseconds(fact.occurred_at),
            statement=b"",
            names=list(fact.names),
            properties=properties,
            context=told(self._context, fact.context),
            order_id=fact.order_id,
            revenue=plain(fact.revenue),
            currency=fact.currency,
            quantity=plain(fact.quantity),
            items_json=_json.encode(items),
        )
        event.statement = statement_of(event)
        return event

    def _item(self, item: Item) -> dict[str, str]:
        line = {key: text for key, text in zip(self._products, item.product, strict=True) if text}
        line["price"] = plain(item.price)
        line["quantity"] = plain(item.quantity)
        if item.occurred_at is not None:
            line["occurred_at"] = iso(item.occurred_at)
        return line


def told(keys: tuple[str, ...], values: tuple[Scalar | None, ...]) -> dict[str, Any]:
    """Return what a row tells of these keys, without the empty ones."""
    return {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def row_event(
    *,
    kind: str,
    name: str,
    names: tuple[Name, ...],
    occurred_at: datetime,
    traits: dict[str, Any],
    properties: dict[str, Any],
    context: dict[str, str],
    message_id: str | None,
) -> PreparedEvent:
    """Return the event of one row; without an id of its own it is named by its content."""
    event = PreparedEvent(
        kind=kind,
        name=name,
        message_id="",
        occurred_ms=milliseconds(occurred_at),
        statement=b"",
        names=list(names),
        traits=traits,
        properties=properties,
        context=context,
    )
    event.statement = statement_of(event)
    event.message_id = f"{kind}:{message_id or event.statement.hex()}"
    return event


def statement_of(event: PreparedEvent) -> bytes:
    """Digest what an event states, the same in every process and for good."""
    stated = [
        event.kind,
        event.name,
        event.occurred_ms,
        sorted(event.names),
        event.traits,
        event.properties,
        event.context,
        event.order_id,
        event.revenue,
        event.currency,
        event.quantity,
    ]
    digest = hashlib.blake2b(_json.encode(stated), digest_size=16)
    digest.update(event.items_json)
    return digest.digest()
