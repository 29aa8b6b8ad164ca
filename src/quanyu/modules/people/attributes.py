"""Attributes: told by events or computed by modules, kept where they were told.

``person_attribute`` holds the newest statement about each attribute of each person id, and
``person_attribute_past`` the others: one row per value and source, with when it was first and last told.
Which statement counts is a pure function of them all (``profile/winning.py``), so the order in which they
came in changes nothing, and neither does telling one again.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.contracts import AttributeClass
from quanyu.modules.people.graph_queries import Connection
from quanyu.modules.people.sql_text import int_array, text_array, time_array
from quanyu.modules.people.traits import classify_trait, is_private

# Of one attribute of one person id beside the newest; beyond it the oldest are forgotten, but the very first.
STATEMENTS_MAX: Final = 50
_DIGEST_BYTES: Final = 8
_CLEARED: Final = b""
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
    digest: bytes  # Equal for equal values; tells nothing of a sealed one without the key.

    @property
    def slot(self) -> tuple[int, str]:
        """The attribute it is about."""
        return (self.person_id, self.key)

    @property
    def told_at(self) -> tuple[datetime, int]:
        """What orders statements."""
        return (self.occurred_at, self.position)

    @property
    def statement(self) -> tuple[int, str, str, bytes]:
        """Who said what of which attribute."""
        return (self.person_id, self.key, self.source, self.digest)


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
    digest = _CLEARED if value is None else hashlib.blake2b(raw, digest_size=_DIGEST_BYTES).digest()
    return AttributeRow(teller.person_id, key, attribute_class, value, None, None, *teller[1:], digest)


def _sealed_row(keyring: KeyRing, teller: Teller, key: str, raw: bytes) -> AttributeRow:
    attribute_class = classify_trait(key)
    if not is_private(attribute_class):
        attribute_class = AttributeClass.IDENTIFIER  # Sealed for the look of its value.
    if raw == b"null":
        return AttributeRow(teller.person_id, key, attribute_class, None, None, None, *teller[1:], _CLEARED)
    grams = None
    if attribute_class is AttributeClass.NAME:
        name = msgspec.json.decode(raw)
        grams = keyring.bigrams(name) if isinstance(name, str) else None
    digest = keyring.blind("attribute", key, raw.decode())[:_DIGEST_BYTES]
    sealed = keyring.seal(raw)
    return AttributeRow(teller.person_id, key, attribute_class, None, sealed, grams, *teller[1:], digest)


async def write_attributes(
    connection: Connection, tenant_id: TenantId, rows: Iterable[AttributeRow], *, keep_past: bool = True
) -> set[int]:
    """Store statements; return the person ids for which something changed.

    The later of two events is the newest; of two at the same instant, the one accepted later. What a
    computation repeats every night is not worth remembering: without ``keep_past`` only the newest is kept.
    """
    statements = _statements(rows)
    if not statements:
        return set()
    newest: dict[tuple[int, str], _Statement] = {}
    for one in statements:
        rival = newest.get(one.last.slot)
        if rival is None or one.last.told_at >= rival.last.told_at:
            newest[one.last.slot] = one
    values = _columns(tenant_id, list(newest.values()))
    cursor = await connection.execute(_UPSERT, {**values, "keep_past": keep_past})
    stored = await cursor.fetchall()
    changed = {person_id for person_id, *_ in stored}
    if not keep_past:
        return changed
    in_place = {(person_id, key) for person_id, key, _ in stored}
    others = [one for one in statements if newest[one.last.slot] is not one or one.last.slot not in in_place]
    if others:
        await connection.execute(_REMEMBER, _columns(tenant_id, others))
    crowded = {(person_id, key) for person_id, key, replaced in stored if replaced}
    crowded |= {one.last.slot for one in others}
    if crowded:
        await _forget_oldest(connection, tenant_id, sorted(crowded))
    return changed | {one.last.person_id for one in others}


class _Statement(NamedTuple):
    """One value one source told of one attribute: when first, and the last time with all it said."""

    first_at: datetime
    last: AttributeRow


def _statements(rows: Iterable[AttributeRow]) -> list[_Statement]:
    """Gather what the rows of a batch state, each once."""
    found: dict[tuple[int, str, str, bytes], _Statement] = {}
    for row in rows:
        known = found.get(row.statement)
        if known is None:
            found[row.statement] = _Statement(row.occurred_at, row)
        else:
            last = row if row.told_at >= known.last.told_at else known.last
            found[row.statement] = _Statement(min(known.first_at, row.occurred_at), last)
    return list(found.values())


_TOLD: Final = """
WITH told AS (
    SELECT person_id, key, class, value::jsonb AS value, decode(sealed, 'hex') AS sealed,
        grams::bigint[] AS grams, source, first_at, occurred_at, position, decode(digest, 'hex') AS digest
    FROM unnest(%(people)s::int[], %(keys)s::text[], %(classes)s::text[], %(values)s::text[],
            %(sealed)s::text[], %(grams)s::text[], %(sources)s::text[], %(firsts)s::timestamptz[],
            %(times)s::timestamptz[], %(positions)s::bigint[], %(digests)s::text[])
        AS u (person_id, key, class, value, sealed, grams, source, first_at, occurred_at, position, digest)
)
"""
_PAST_COLUMNS: Final = (
    "tenant_id, person_id, key, source, digest, class, value, sealed, first_at, occurred_at, position, "
    "before_at, before_position"
)
# What the same source said before is remembered one telling back, so that the last one can be taken back.
_MERGED: Final = """
ON CONFLICT (tenant_id, person_id, key, source, digest) DO UPDATE SET
    first_at = least(p.first_at, excluded.first_at),
    before_at = CASE WHEN (excluded.occurred_at, excluded.position) > (p.occurred_at, p.position)
        THEN p.occurred_at ELSE p.before_at END,
    before_position = CASE WHEN (excluded.occurred_at, excluded.position) > (p.occurred_at, p.position)
        THEN p.position ELSE p.before_position END,
    occurred_at = greatest(p.occurred_at, excluded.occurred_at),
    position = CASE WHEN (excluded.occurred_at, excluded.position) >= (p.occurred_at, p.position)
        THEN excluded.position ELSE p.position END
"""
# What is replaced moves to the past by the statement that replaces it. Rows of older releases have no digest.
_UPSERT: Final = f"""
{_TOLD}, replaced AS (
    INSERT INTO person_attribute_past AS p ({_PAST_COLUMNS})
    SELECT %(tenant)s, a.person_id, a.key, a.source,
        coalesce(a.digest, CASE WHEN a.value IS NULL AND a.sealed IS NULL THEN ''::bytea
            ELSE decode(md5(coalesce(a.value::text, encode(a.sealed, 'hex'))), 'hex') END),
        a.class, a.value, a.sealed, coalesce(a.first_at, a.occurred_at), a.occurred_at, a.position,
        a.before_at, a.before_position
    FROM told t
    JOIN person_attribute a ON a.tenant_id = %(tenant)s AND a.person_id = t.person_id AND a.key = t.key
    WHERE %(keep_past)s AND (t.occurred_at, t.position) > (a.occurred_at, a.position)
        AND (a.source, a.digest) IS DISTINCT FROM (t.source, t.digest)
    {_MERGED}
    RETURNING person_id, key
), stored AS (
    INSERT INTO person_attribute AS p (tenant_id, person_id, key, class, value, sealed, grams, source,
        first_at, occurred_at, position, digest)
    SELECT %(tenant)s, person_id, key, class, value, sealed, grams, source, first_at, occurred_at, position,
        digest FROM told
    ON CONFLICT (tenant_id, person_id, key) DO UPDATE SET class = excluded.class, value = excluded.value,
        sealed = excluded.sealed, grams = excluded.grams, source = excluded.source,
        first_at = CASE WHEN (p.source, p.digest) IS DISTINCT FROM (excluded.source, excluded.digest)
            THEN excluded.first_at
            ELSE least(coalesce(p.first_at, p.occurred_at), excluded.first_at) END,
        before_at = CASE WHEN (p.source, p.digest) IS DISTINCT FROM (excluded.source, excluded.digest)
            THEN NULL WHEN p.position = excluded.position THEN p.before_at ELSE p.occurred_at END,
        before_position = CASE WHEN (p.source, p.digest) IS DISTINCT FROM (excluded.source, excluded.digest)
            THEN NULL WHEN p.position = excluded.position THEN p.before_position ELSE p.position END,
        occurred_at = excluded.occurred_at, position = excluded.position, digest = excluded.digest
    WHERE (excluded.occurred_at, excluded.position) >= (p.occurred_at, p.position)
    RETURNING person_id, key
)
SELECT s.person_id, s.key, r.key IS NOT NULL FROM stored s LEFT JOIN replaced r USING (person_id, key)
"""  # noqa: S608 - put together from our own constants.
_REMEMBER: Final = f"""
{_TOLD}
INSERT INTO person_attribute_past AS p ({_PAST_COLUMNS})
SELECT %(tenant)s, person_id, key, source, digest, class, value, sealed, first_at, occurred_at, position,
    NULL, NULL
FROM told
{_MERGED}
"""  # noqa: S608 - as above.
_FORGET_OLDEST: Final = """
DELETE FROM person_attribute_past p USING (
    SELECT a.person_id, a.key, a.source, a.digest,
        row_number() OVER (slot ORDER BY a.occurred_at DESC, a.position DESC) AS age,
        row_number() OVER (slot ORDER BY a.first_at, a.position) AS youth
    FROM unnest(%(people)s::int[], %(keys)s::text[]) AS w (person_id, key)
    JOIN person_attribute_past a
        ON a.tenant_id = %(tenant)s AND a.person_id = w.person_id AND a.key = w.key
    WINDOW slot AS (PARTITION BY a.person_id, a.key)
) o
WHERE p.tenant_id = %(tenant)s AND p.person_id = o.person_id AND p.key = o.key AND p.source = o.source
    AND p.digest = o.digest AND o.age > %(most)s AND o.youth > 1
"""


async def _forget_oldest(
    connection: Connection, tenant_id: TenantId, slots: Sequence[tuple[int, str]]
) -> None:
    await connection.execute(
        _FORGET_OLDEST,
        {
            "tenant": tenant_id,
            "people": int_array(person_id for person_id, _ in slots),
            "keys": text_array(key for _, key in slots),
            "most": STATEMENTS_MAX,
        },
    )


def _columns(tenant_id: TenantId, statements: Sequence[_Statement]) -> Mapping[str, Any]:
    rows = [one.last for one in statements]
    return {
        "tenant": tenant_id,
        "people": int_array(row.person_id for row in rows),
        "keys": text_array(row.key for row in rows),
        "classes": text_array(row.attribute_class for row in rows),
        "values": text_array(row.value_json for row in rows),
        "sealed": text_array(None if row.sealed is None else row.sealed.hex() for row in rows),
        "grams": text_array(None if row.grams is None else int_array(row.grams) for row in rows),
        "sources": text_array(row.source for row in rows),
        "firsts": time_array(one.first_at for one in statements),
        "times": time_array(row.occurred_at for row in rows),
        "positions": int_array(row.position for row in rows),
        "digests": text_array(row.digest.hex() for row in rows),
    }
