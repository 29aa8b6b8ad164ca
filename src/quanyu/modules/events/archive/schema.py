"""The columns of an archive file: those of the log as they are, and what resolving added.

Grain: one event. Key: (tenant_id, position). Sealed columns stay sealed, JSON stays the text it was.
"""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

csv: Final[Any] = pyarrow.csv
compute: Final[Any] = pyarrow.compute
Table = Any  # The stubs ask for more type arguments than that is worth.

RETIRED: Final = "retired"  # The kind of a place whose event is kept no longer: nothing else is there.
_INSTANT: Final = pa.timestamp("us", "UTC")
_AMOUNT: Final = pa.decimal128(18, 4)
# Name, SQL over the log ``l`` and its batches ``b`` with their people ``p``, type. Bytes travel as hex.
_COLUMNS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("tenant_id", "l.tenant_id", pa.int32()),
    ("xid", "l.xid::text::bigint", pa.int64()),
    ("position", "l.position", pa.int64()),
    ("batch_id", "b.batch_id", pa.int64()),
    ("received_at", "l.received_at", _INSTANT),
    ("occurred_at", "l.occurred_at", _INSTANT),
    ("applied_at", "b.applied_at", _INSTANT),
    ("kind", "l.kind", pa.string()),
    ("name", "l.name", pa.string()),
    ("source", "l.source", pa.string()),
    ("message_id", "l.message_id", pa.string()),
    ("person_id", "l.person_id", pa.int32()),  # Stated by who sent it.
    ("resolved_person_id", "b.person_id", pa.int32()),  # Found by resolving; canonical only at that time.
    ("tokens", "encode(l.tokens, 'hex')", pa.string()),
    ("identifiers", "l.identifiers::text", pa.string()),
    ("sealed", "encode(l.sealed, 'hex')", pa.string()),
    ("properties", "l.properties::text", pa.string()),
    ("context", "l.context::text", pa.string()),
    ("items", "l.items::text", pa.string()),
    ("order_id", "l.order_id", pa.string()),
    ("revenue", "l.revenue", _AMOUNT),
    ("currency", "l.currency", pa.string()),
    ("quantity", "l.quantity", _AMOUNT),
    ("trace", "l.trace", pa.string()),
)
_BYTES: Final = ("tokens", "sealed")
SELECTED: Final = ", ".join(f"{sql} AS {name}" for name, sql, _ in _COLUMNS)
SCHEMA: Final = pa.schema(
    [pa.field(name, pa.binary() if name in _BYTES else kind) for name, _, kind in _COLUMNS]
)
_NAMES: Final = [name for name, _, _ in _COLUMNS]
_PARSE: Final = csv.ParseOptions(newlines_in_values=True)
_CONVERT: Final = csv.ConvertOptions(
    column_types={name: kind for name, _, kind in _COLUMNS},
    null_values=[""],
    strings_can_be_null=True,
    quoted_strings_can_be_null=False,
)


def table_of(chunk: bytes) -> Table:
    """Read a chunk of ``COPY … TO STDOUT (FORMAT csv)`` with the columns ``SELECTED``."""
    reading = csv.ReadOptions(column_names=_NAMES, block_size=len(chunk) + 1, use_threads=False)
    table = csv.read_csv(
        pa.BufferReader(chunk), read_options=reading, parse_options=_PARSE, convert_options=_CONVERT
    )
    for name in _BYTES:
        index = table.schema.get_field_index(name)
        values = [None if one is None else bytes.fromhex(one) for one in table.column(name).to_pylist()]
        table = table.set_column(index, SCHEMA.field(name), pa.array(values, pa.binary()))
    return table.cast(SCHEMA)
