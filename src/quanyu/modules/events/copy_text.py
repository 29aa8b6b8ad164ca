"""Rows of the log in PostgreSQL's COPY text form, built by hand because this is the hottest path."""

from datetime import datetime
from typing import Final

from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import LogRecord

COLUMNS: Final = (
    "tenant_id, received_at, occurred_at, kind, name, source, message_id, person_id, tokens, identifiers, "
    "sealed, properties, context, items, order_id, revenue, currency, quantity, trace"
)
_NULL: Final = "\\N"
_SLASH: Final = "\\"
_TWO_SLASHES: Final = "\\\\"
_NO_ITEMS: Final = b"\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
# Most events say nothing of money: no order, revenue, currency, quantity or trace.
_NO_MONEY: Final = f"\t{_NULL}\t\t{_NULL}\t\n".encode()


def line_start(tenant_id: TenantId, received_at: datetime) -> str:
    """Write what all records of one call begin with."""
    return f"{tenant_id}\t{received_at.isoformat()}"


def copy_line(start: str, record: LogRecord) -> bytes:
    """Write one record as a line of ``COPY log_event`` with ``COLUMNS``, after ``line_start``."""
    identifiers = record.identifiers_json
    items = record.items_json
    head = (
        f"{start}\t{record.occurred_at.isoformat()}\t{record.kind}\t{_text(record.name)}\t"
        f"{_text(record.source)}\t{_text(record.message_id)}\t"
        f"{_NULL if record.person_id is None else record.person_id}\t"
        f"{_bytea(record.tokens)}\t"
        f"{_NULL if identifiers is None else identifiers.replace(_SLASH, _TWO_SLASHES)}\t"
        f"{_NULL if record.sealed is None else _bytea(record.sealed)}"
    )
    return b"\t".join(
        (
            head.encode(),
            _json(record.properties_json),
            _json(record.context_json),
            _NO_ITEMS if items is None else _json(items),
            _money(record),
        )
    )


def _money(record: LogRecord) -> bytes:
    if not (record.order_id or record.revenue or record.currency or record.quantity or record.trace):
        return _NO_MONEY
    return (
        f"{_text(record.order_id)}\t{record.revenue or _NULL}\t{_text(record.currency)}\t"
        f"{record.quantity or _NULL}\t{_text(record.trace)}\n"
    ).encode()


def _text(text: str) -> str:
    # Nearly every text is plain, and looking is several times cheaper than translating.
    return text if text.isprintable() and _SLASH not in text else text.translate(_ESCAPES)


def _json(encoded: bytes) -> bytes:
    # Encoded JSON holds no raw tab, line end or zero byte: only its backslashes mean something to COPY.
    return encoded.replace(b"\\", b"\\\\")


def _bytea(value: bytes) -> str:
    return "\\\\x" + value.hex()
