"""Rows of the log in PostgreSQL's COPY text form, built by hand because this is the hottest path."""

from datetime import datetime
from typing import Final

from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import LogRecord

COLUMNS: Final = (
    "tenant_id, received_at, occurred_at, kind, name, source, message_id, person_id, tokens, identifiers, "
    "sealed, properties, context, order_id, revenue, currency, quantity, items, trace"
)
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})


def copy_line(tenant_id: TenantId, received_at: datetime, record: LogRecord) -> str:
    """Write one record as a line of ``COPY log_event`` with ``COLUMNS``."""
    escape = _ESCAPES
    identifiers = record.identifiers_json
    items = record.items_json
    return (
        f"{tenant_id}\t{received_at.isoformat()}\t{record.occurred_at.isoformat()}\t{record.kind}\t"
        f"{record.name.translate(escape)}\t{record.source.translate(escape)}\t"
        f"{record.message_id.translate(escape)}\t"
        f"{_NULL if record.person_id is None else record.person_id}\t"
        f"{_bytea(record.tokens)}\t{_NULL if identifiers is None else _json(identifiers)}\t"
        f"{_NULL if record.sealed is None else _bytea(record.sealed)}\t"
        f"{_json(record.properties_json)}\t{_json(record.context_json)}\t"
        f"{record.order_id.translate(escape)}\t{record.revenue or _NULL}\t"
        f"{record.currency.translate(escape)}\t{record.quantity or _NULL}\t"
        f"{_NULL if items is None else _json(items)}\t{record.trace.translate(escape)}\n"
    )


def _json(text: str) -> str:
    # Encoded JSON holds no raw tab, line end or zero byte: only its backslashes mean something to COPY.
    return text.replace("\\", "\\\\")


def _bytea(value: bytes) -> str:
    return "\\\\x" + value.hex()
