"""Writing to the log: accepted means durable, and once for good."""

import hashlib
import struct
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg

from quanyu.infra.telemetry import get_logger
from quanyu.kernel.ids import TenantId
from quanyu.modules.events import queries
from quanyu.modules.events.contracts import AcceptOutcome, LogRecord
from quanyu.modules.events.copy_text import copy_line, line_start

_log = get_logger("events.log")

APPEND_MAX: Final = 20_000
PARTITION_RETRY_S: Final = 60.0  # The default partition takes what comes meanwhile.


class Log:
    """Append events to the log inside the caller's transaction."""

    def __init__(self) -> None:
        self._partitions: set[date] = set()
        self._partitions_not_before_s = float("-inf")
        self._listeners: list[Callable[[TenantId], None]] = []

    def on_append(self, listener: Callable[[TenantId], None]) -> None:
        """Call ``listener`` after each commit that added events; used to wake the pipeline."""
        self._listeners.append(listener)

    def announce(self, tenant_id: TenantId) -> None:
        """Tell the listeners that a commit added events."""
        for listener in self._listeners:
            listener(tenant_id)

    async def append(
        self,
        connection: psycopg.AsyncConnection[Any],
        tenant_id: TenantId,
        records: Sequence[LogRecord],
        *,
        received_at: datetime,
    ) -> list[AcceptOutcome]:
        """Append what the log does not hold yet; return one outcome per record, in order.

        Idempotent on (source, ``message_id``): a record seen before is answered, not added again; one
        with another body is kept in ``event_conflict``. Holds at most ``APPEND_MAX`` records.
        """
        assert len(records) <= APPEND_MAX, f"at most {APPEND_MAX} records a call, got {len(records)}"
        keys = [event_key(record.source, record.message_id) for record in records]
        outcomes, firsts = _first_of_each(keys, records)
        await self._claim(connection, tenant_id, keys=keys, records=records, firsts=firsts, outcomes=outcomes)
        start = line_start(tenant_id, received_at)
        kept = [
            index
            for index, (record, outcome) in enumerate(zip(records, outcomes, strict=True))
            if record.aside is not None and outcome is AcceptOutcome.ACCEPTED
        ]
        for index in kept:
            outcomes[index] = AcceptOutcome.QUARANTINED
        lines = [
            copy_line(start, record)
            for record, outcome in zip(records, outcomes, strict=True)
            if outcome is AcceptOutcome.ACCEPTED
        ]
        await self._copy(connection, lines, received_at)
        if kept:
            await queries.keep_aside(connection, tenant_id, [records[index] for index in kept], received_at)
        await self._keep_conflicts(connection, tenant_id, keys, records, outcomes, received_at)
        return outcomes

    async def release(
        self,
        connection: psycopg.AsyncConnection[Any],
        tenant_id: TenantId,
        records: Sequence[LogRecord],
        *,
        received_at: datetime,
    ) -> None:
        """Append records that were kept aside, whose keys are therefore claimed: the caller takes them away
        from there in the same transaction.
        """
        start = line_start(tenant_id, received_at)
        await self._copy(connection, [copy_line(start, record) for record in records], received_at)

    async def _copy(
        self, connection: psycopg.AsyncConnection[Any], lines: Sequence[bytes], received_at: datetime
    ) -> None:
        if lines:
            await self._ensure_partitions(connection, received_at)
            await queries.copy_into_log(connection, b"".join(lines))

    async def _claim(
        self,
        connection: psycopg.AsyncConnection[Any],
        tenant_id: TenantId,
        *,
        keys: Sequence[bytes],
        records: Sequence[LogRecord],
        firsts: Sequence[int],
        outcomes: list[AcceptOutcome],
    ) -> None:
        # In key order, so that two writers that share keys wait for each other instead of dying.
        ordered = sorted(firsts, key=keys.__getitem__)
        known = await queries.claim_keys(
            connection, tenant_id, [(keys[index], records[index].body_hash) for index in ordered]
        )
        for place, stored_hash in known:
            index = ordered[place]
            same = stored_hash == records[index].body_hash
            outcomes[index] = AcceptOutcome.DUPLICATE if same else AcceptOutcome.DUPLICATE_DIFFERS

    async def _ensure_partitions(
        self, connection: psycopg.AsyncConnection[Any], received_at: datetime
    ) -> None:
        """Have a partition for today and tomorrow; nobody's event waits for one that cannot be made now."""
        today = received_at.astimezone(UTC).date()
        if today in self._partitions or time.monotonic() < self._partitions_not_before_s:
            return
        for day in (today, today + timedelta(days=1)):
            if not await queries.partition_exists(connection, day):
                if not await _try_partition(connection, day):
                    self._partitions_not_before_s = time.monotonic() + PARTITION_RETRY_S
            elif day == today:
                # Seen by a later transaction than the one that made it, so it is certainly committed.
                self._partitions.add(today)

    async def _keep_conflicts(
        self,
        connection: psycopg.AsyncConnection[Any],
        tenant_id: TenantId,
        keys: Sequence[bytes],
        records: Sequence[LogRecord],
        outcomes: Sequence[AcceptOutcome],
        seen_at: datetime,
    ) -> None:
        for key, record, outcome in zip(keys, records, outcomes, strict=True):
            if outcome is AcceptOutcome.DUPLICATE_DIFFERS:
                await queries.keep_conflict(connection, tenant_id, key, record, seen_at)


async def _try_partition(connection: psycopg.AsyncConnection[Any], day: date) -> bool:
    try:
        async with connection.transaction():
            made = await queries.ensure_partition(connection, day)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        _log.error("events.partition_failed", day=day.isoformat(), error=type(error).__name__)
        return False
    if not made:
        _log.warning("events.partition_delayed", day=day.isoformat())
    return made


def event_key(source: str, message_id: str) -> bytes:
    """Return the 16-byte permanent key of an event."""
    return hashlib.blake2b(f"{source}\0{message_id}".encode(), digest_size=16).digest()


def body_hash(*parts: bytes) -> bytes:
    """Digest what an event states; the parts' boundaries matter."""
    lengths = struct.pack(f">{len(parts)}I", *map(len, parts))
    return hashlib.blake2b(b"".join((lengths, *parts)), digest_size=16).digest()


def _first_of_each(
    keys: Sequence[bytes], records: Sequence[LogRecord]
) -> tuple[list[AcceptOutcome], list[int]]:
    """Settle duplicates inside one call: the first of each key stands for the others."""
    outcomes = [AcceptOutcome.ACCEPTED] * len(keys)
    first_index: dict[bytes, int] = {}
    for index, key in enumerate(keys):
        first = first_index.setdefault(key, index)
        if first != index:
            same = records[first].body_hash == records[index].body_hash
            outcomes[index] = AcceptOutcome.DUPLICATE if same else AcceptOutcome.DUPLICATE_DIFFERS
    return outcomes, list(first_index.values())
