"""Attributes: told by events or computed by modules, kept where they were told, the newest value wins."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.contracts import AttributeClass
from quanyu.modules.people.graph_queries import Connection
from quanyu.modules.people.sql_text import int_array, text_array, time_array
from quanyu.modules.people.traits import classify_trait, is_private

_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder(decimal_format="string").encode


class AttributeRow(NamedTuple):
    """One value of one attribute, ready to store. No value and no seal clears the attribute."""

    person_id: int
    key: str
    attribute_class: AttributeClass
    value_json: str | None
    sealed: bytes | None
    grams: tuple[int, ...] | None
    source: str
    occurred_at: datetime
    position: int


class Teller(NamedTuple):
    """Who is told about, by whom, when; ``position`` settles ties of the same instant."""

    person_id: int
    source: str
    occurred_at: datetime
    position: int


def told_rows(keyring: KeyRing, teller: Teller, traits_json: str, sealed: bytes | None) -> list[AttributeRow]:
    """Return the attributes an identify call tells; each sealed one gets a seal of its own."""
    rows = [
        attribute_row(keyring, teller, key, bytes(raw)) for key, raw in _decode_object(traits_json).items()
    ]
    if sealed is not None:
        secret = _decode_object(keyring.open(sealed))
        rows += [_sealed_row(keyring, teller, key, bytes(raw)) for key, raw in secret.items()]
    return rows


def computed_row(keyring: KeyRing, teller: Teller, key: str, value: Any) -> AttributeRow:
    """Return an attribute a module computed."""
    return attribute_row(keyring, teller, key, _encode(value))


def attribute_row(keyring: KeyRing, teller: Teller, key: str, raw: bytes) -> AttributeRow:
    """Return one attribute by the class of its key."""
    attribute_class = classify_trait(key)
    if is_private(attribute_class):
        return _sealed_row(keyring, teller, key, raw)
    value = None if raw == b"null" else raw.decode().replace("\\u0000", "")
    return AttributeRow(teller.person_id, key, attribute_class, value, None, None, *teller[1:])


def _sealed_row(keyring: KeyRing, teller: Teller, key: str, raw: bytes) -> AttributeRow:
    attribute_class = classify_trait(key)
    if not is_private(attribute_class):
        attribute_class = AttributeClass.IDENTIFIER  # Sealed for the look of its value.
    if raw == b"null":
        return AttributeRow(teller.person_id, key, attribute_class, None, None, None, *teller[1:])
    grams = None
    if attribute_class is AttributeClass.NAME:
        name = msgspec.json.decode(raw)
        grams = keyring.bigrams(name) if isinstance(name, str) else None
    return AttributeRow(teller.person_id, key, attribute_class, None, keyring.seal(raw), grams, *teller[1:])


async def write_attributes(
    connection: Connection, tenant_id: TenantId, rows: Iterable[AttributeRow]
) -> set[int]:
    """Store what is newer than what is stored; return the person ids for which anything was.

    The later of two events wins; of two at the same instant, the one accepted later.
    """
    newest: dict[tuple[int, str], AttributeRow] = {}
    for row in rows:
        slot = (row.person_id, row.key)
        rival = newest.get(slot)
        if rival is None or (row.occurred_at, row.position) >= (rival.occurred_at, rival.position):
            newest[slot] = row
    if not newest:
        return set()
    cursor = await connection.execute(_UPSERT, _columns(tenant_id, list(newest.values())))
    return {person_id for (person_id,) in await cursor.fetchall()}


_UPSERT = """
INSERT INTO person_attribute AS p
    (tenant_id, person_id, key, class, value, sealed, grams, source, occurred_at, position)
SELECT %(tenant)s, person_id, key, class, value::jsonb, decode(sealed, 'hex'), grams::bigint[], source,
    occurred_at, position
FROM unnest(%(people)s::int[], %(keys)s::text[], %(classes)s::text[], %(values)s::text[], %(sealed)s::text[],
        %(grams)s::text[], %(sources)s::text[], %(times)s::timestamptz[], %(positions)s::bigint[])
    AS u (person_id, key, class, value, sealed, grams, source, occurred_at, position)
ON CONFLICT (tenant_id, person_id, key) DO UPDATE SET class = excluded.class, value = excluded.value,
    sealed = excluded.sealed, grams = excluded.grams, source = excluded.source,
    occurred_at = excluded.occurred_at, position = excluded.position
WHERE (excluded.occurred_at, excluded.position) >= (p.occurred_at, p.position)
RETURNING person_id
"""


def _columns(tenant_id: TenantId, rows: Sequence[AttributeRow]) -> Mapping[str, Any]:
    return {
        "tenant": tenant_id,
        "people": int_array(row.person_id for row in rows),
        "keys": text_array(row.key for row in rows),
        "classes": text_array(row.attribute_class for row in rows),
        "values": text_array(row.value_json for row in rows),
        "sealed": text_array(None if row.sealed is None else row.sealed.hex() for row in rows),
        "grams": text_array(None if row.grams is None else int_array(row.grams) for row in rows),
        "sources": text_array(row.source for row in rows),
        "times": time_array(row.occurred_at for row in rows),
        "positions": int_array(row.position for row in rows),
    }
