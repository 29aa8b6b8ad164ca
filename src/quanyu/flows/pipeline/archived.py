"""Archived events in the forms the pipeline reads the log in: warehouse rows, and rows for subscribers."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.errors import LogIncomplete
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.archive.schema import RETIRED

# In the order of ``store.COLUMNS`` and of ``react.EVENT_COLUMNS``.
_WAREHOUSE: Final = (
    "tenant_id", "resolved_person_id", "name", "kind", "occurred_at", "received_at", "applied_at", "position",
    "batch_id", "source", "message_id", "order_id", "revenue", "currency", "quantity", "context", "items",
    "properties",
)  # fmt: skip
_EVENT: Final = (
    "position", "resolved_person_id", "kind", "name", "occurred_at", "received_at", "source", "message_id",
    "properties", "context", "order_id", "revenue", "currency", "quantity",
)  # fmt: skip
_POSITION: Final = _WAREHOUSE.index("position")
_KIND: Final = _WAREHOUSE.index("kind")
_EVENT_KIND: Final = 1 + _EVENT.index("kind")
_ITEMS, _PERSON = _WAREHOUSE.index("items"), _WAREHOUSE.index("resolved_person_id")
_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
)


async def missing_lines(
    archive: LogArchive | None,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    *,
    first: int,
    last: int,
    found: bytes,
    expected: int,
) -> bytes:
    """Return what of the batches ``first`` to ``last`` the log no longer holds, as the warehouse takes it.

    Events the archive let go of have no line; their places count as found.

    ``found`` is what the log gave and ``expected`` how many events the batches hold together. Call it with no
    transaction open.

    Raises:
        LogIncomplete: both together lack events; nothing is skipped.
        ArchiveFileMissing, ArchiveDamaged: the archive cannot be read.
    """
    tables: list[Any] = []
    if archive is not None:
        tables = await archive.read_batches(uows, tenant_id, first=first, last=last, columns=_WAREHOUSE)
    lines, held = await asyncio.to_thread(_new_lines, tables, found)
    if held != expected:
        raise incomplete(tenant_id, first, last, expected - held)
    return lines


def _new_lines(tables: Iterable[Any], found: bytes) -> tuple[bytes, int]:
    """Return the lines that ``found`` lacks, and how many there are with them."""
    held = {int(line.split(b"\t", _POSITION + 1)[_POSITION]) for line in found.splitlines()}
    lines: list[bytes] = []
    for table in tables:
        for row in _rows(table, _WAREHOUSE):
            if row[_POSITION] not in held:
                held.add(row[_POSITION])
                if row[_KIND] != RETIRED:
                    lines.append(warehouse_line(row))
    return b"".join(lines), len(held)


async def read_events(
    archive: LogArchive, uows: UnitOfWorkFactory, tenant_id: TenantId, batch_id: int
) -> list[tuple[Any, ...]]:
    """Return the archived events of a batch as rows of ``react.EVENT_COLUMNS``, in the order accepted.

    Those the archive let go of are left out.

    Call it with no transaction open.
    """
    tables = await archive.read_batches(uows, tenant_id, first=batch_id, last=batch_id, columns=_EVENT)

    def rows() -> list[tuple[Any, ...]]:
        found = [row for table in tables for row in _rows(table, ("xid", *_EVENT))]
        kept = (row for row in found if row[_EVENT_KIND] != RETIRED)
        return [row[1:] for row in sorted(kept, key=lambda row: (row[0], row[1]))]

    return await asyncio.to_thread(rows)


def warehouse_line(row: Sequence[Any]) -> bytes:
    """Write a row of ``store.COLUMNS`` exactly as PostgreSQL's COPY would."""
    values = list(row)
    values[_PERSON] = values[_PERSON] or 0
    values[_ITEMS] = "[]" if values[_ITEMS] is None else values[_ITEMS]
    return ("\t".join(map(_text, values)) + "\n").encode()


def incomplete(tenant_id: TenantId, first: int, last: int, lacking: int) -> LogIncomplete:
    """Say that events of some batches are nowhere."""
    batches = str(first) if first == last else f"{first}-{last}"
    return LogIncomplete(
        f"log and archive lack {lacking} events of batch {batches} of brand {tenant_id}; "
        "bring the archive's files back, or restore a backup",
        message_zh=f"品牌 {tenant_id} 的批次 {batches} 在日志与归档中缺少 {lacking} 个事件；"
        "请取回归档文件，或恢复备份",
    )


def _rows(table: Any, names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)


def _text(value: Any) -> str:
    match value:
        case None:
            return "\\N"
        case str():
            return value.translate(_ESCAPES)
        case datetime():
            return _instant(value)
        case Decimal():
            return format(value, "f")
    return str(value)


def _instant(value: datetime) -> str:
    text = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return text.rstrip("0").rstrip(".") + "+00" if value.microsecond else text[:-7] + "+00"
