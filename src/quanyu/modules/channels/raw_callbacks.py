"""Raw callbacks, sealed, and the first sight of an openid: written by a group commit of their own.

The door answers after both this commit and the log's. When only one of the two succeeds, the platform
delivers again and the other is made up for: both ignore what they hold already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

import psycopg

from quanyu.infra.telemetry import get_logger
from quanyu.kernel.clock import Clock
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.callback_log import CallbackRow
from quanyu.modules.channels.contracts import AcceptEvents, AccountId

EventT = TypeVar("EventT", contravariant=True)
_log = get_logger("channels.raw_callbacks")
COMMIT_ROWS_MAX: Final = 1_000
BACKLOG_MAX: Final = 20_000
_KNOWN_MAX: Final = 200_000
_SEEN_EVERY: Final = timedelta(minutes=1)


class RawCallbacksUnavailable(Unavailable):
    """The raw callback could not be kept: the platform has to deliver again."""

    code = "channels.raw_callbacks_unavailable"


@dataclass(frozen=True, slots=True)
class RawCallback:
    """One callback as it is kept."""

    tenant_id: TenantId
    account_id: AccountId
    delivery: bytes  # 16 bytes, the same when the platform delivers again.
    openid_token: bytes | None  # None for what is about the account.
    openid_sealed: bytes | None
    received_at: datetime
    sealed: bytes


class RawCallbackWriter:
    """Commits the callbacks of concurrent requests together."""

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]) -> None:
        self._connect = connect
        self._queue: asyncio.Queue[tuple[RawCallback, asyncio.Future[None]]] = asyncio.Queue(BACKLOG_MAX)
        self._task: asyncio.Task[None] | None = None
        self._known: set[tuple[AccountId, bytes]] = set()
        self._seen: dict[tuple[TenantId, AccountId], datetime] = {}

    async def __aenter__(self) -> "RawCallbackWriter":
        self._task = asyncio.create_task(self._write_forever())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Commit what was taken, then stop."""
        await self._queue.join()
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def knows(self, account_id: AccountId, openid_token: bytes) -> bool:
        """Whether this openid has a row already, so that sealing it again would be for nothing."""
        return (account_id, openid_token) in self._known

    def write(self, row: RawCallback) -> asyncio.Future[None]:
        """Queue ``row``; the future is done when it is durable. Idempotent on ``delivery``.

        Raises:
            RawCallbacksUnavailable: too many wait; the future raises it when the commit failed.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((row, done))
        except asyncio.QueueFull:
            raise RawCallbacksUnavailable("too many callbacks wait to be stored") from None
        return done

    async def _write_forever(self) -> None:
        connection: psycopg.AsyncConnection[Any] | None = None
        try:
            while True:
                waiting = await self._gather()
                rows = [row for row, _ in waiting]
                error: Exception | None = None
                try:
                    if connection is None or connection.closed:
                        connection = await self._connect()
                    await _insert(connection, rows, self._accounts_to_mark(rows))
                except (psycopg.Error, OSError) as failure:
                    _log.warning("channels.raw_callbacks_failed", error=type(failure).__name__)
                    error = failure
                    if connection is not None:
                        await connection.close()
                        connection = None
                self._settle(waiting, error)
        finally:
            if connection is not None:
                await connection.close()

    async def _gather(self) -> list[tuple[RawCallback, asyncio.Future[None]]]:
        waiting = [await self._queue.get()]
        while len(waiting) < COMMIT_ROWS_MAX and not self._queue.empty():
            waiting.append(self._queue.get_nowait())
        return waiting

    def _accounts_to_mark(self, rows: Sequence[RawCallback]) -> list[tuple[TenantId, AccountId, datetime]]:
        """Return the accounts whose "last callback" is due: once a minute, not with every callback."""
        latest = {(row.tenant_id, row.account_id): row.received_at for row in rows}
        due = {key: at for key, at in latest.items() if self._is_due(key, at)}
        self._seen |= due
        return [(*key, at) for key, at in due.items()]

    def _is_due(self, key: tuple[TenantId, AccountId], at: datetime) -> bool:
        marked_at = self._seen.get(key)
        return marked_at is None or at - marked_at >= _SEEN_EVERY

    def _settle(
        self, waiting: Sequence[tuple[RawCallback, asyncio.Future[None]]], error: Exception | None
    ) -> None:
        if len(self._known) > _KNOWN_MAX:
            self._known.clear()
        for row, done in waiting:
            self._queue.task_done()
            if error is None and row.openid_token is not None:
                self._known.add((row.account_id, row.openid_token))
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                failure = RawCallbacksUnavailable("the callback could not be stored")
                failure.__cause__ = error
                done.set_exception(failure)
                done.exception()  # The request may have ended; its silence is no defect.


class SeparateCommits(Generic[EventT]):
    """Keeps the event by the log's own commit and the rest by a second one."""

    def __init__(self, raw: RawCallbackWriter, accept: AcceptEvents[EventT], clock: Clock) -> None:
        self._raw = raw
        self._accept = accept
        self._clock = clock

    def knows(self, account_id: AccountId, openid_token: bytes) -> bool:
        return self._raw.knows(account_id, openid_token)

    async def keep(self, row: CallbackRow, event: EventT, *, timeout_s: float) -> str:
        try:
            async with asyncio.timeout(timeout_s):
                kept = self._raw.write(
                    RawCallback(
                        row.tenant_id,
                        row.account_id,
                        row.delivery,
                        row.openid_token,
                        row.openid_sealed,
                        self._clock.now(),
                        row.sealed,
                    )
                )
                outcomes = await self._accept(row.tenant_id, (event,))
                await kept
        except TimeoutError as error:
            raise RawCallbacksUnavailable("the commit did not end in time") from error
        return outcomes[0]


async def _insert(
    connection: psycopg.AsyncConnection[Any],
    rows: Sequence[RawCallback],
    seen: Sequence[tuple[TenantId, AccountId, datetime]],
) -> None:
    """Write the rows, the openids seen first, and the accounts' last callback, in one statement."""
    # In key order, so that two writers that share keys wait for each other instead of dying.
    ordered = sorted(rows, key=lambda row: (row.tenant_id, row.account_id, row.delivery))
    fresh = sorted(
        (row for row in rows if row.openid_sealed is not None),
        key=lambda row: (row.tenant_id, row.account_id, row.openid_token or b""),
    )
    marks = sorted(seen)
    await connection.execute(
        _INSERT,
        {
            "tenants": [row.tenant_id for row in ordered],
            "accounts": [row.account_id for row in ordered],
            "deliveries": [row.delivery for row in ordered],
            "tokens": [row.openid_token for row in ordered],
            "times": [row.received_at for row in ordered],
            "sealed": [row.sealed for row in ordered],
            "new_tenants": [row.tenant_id for row in fresh],
            "new_accounts": [row.account_id for row in fresh],
            "new_tokens": [row.openid_token for row in fresh],
            "new_openids": [row.openid_sealed for row in fresh],
            "new_times": [row.received_at for row in fresh],
            "seen_tenants": [tenant_id for tenant_id, _, _ in marks],
            "seen_accounts": [account_id for _, account_id, _ in marks],
            "seen_times": [at for _, _, at in marks],
        },
        prepare=True,
    )


_INSERT: Final = """
WITH kept AS (
    INSERT INTO raw_callback (tenant_id, account_id, delivery, openid_token, received_at, sealed)
    SELECT * FROM unnest(%(tenants)s::int[], %(accounts)s::bigint[], %(deliveries)s::bytea[],
        %(tokens)s::bytea[], %(times)s::timestamptz[], %(sealed)s::bytea[])
    ON CONFLICT DO NOTHING
), marked AS (
    UPDATE official_account a SET last_callback_at = s.at
    FROM unnest(%(seen_tenants)s::int[], %(seen_accounts)s::bigint[], %(seen_times)s::timestamptz[])
        AS s (tenant_id, account_id, at)
    WHERE a.tenant_id = s.tenant_id AND a.id = s.account_id
        AND (a.last_callback_at IS NULL OR a.last_callback_at < s.at)
)
INSERT INTO follower AS f (tenant_id, account_id, openid_token, openid_sealed, first_seen_at, info_due_at)
SELECT DISTINCT ON (tenant_id, account_id, token) tenant_id, account_id, token, openid, at, at
FROM unnest(%(new_tenants)s::int[], %(new_accounts)s::bigint[], %(new_tokens)s::bytea[],
    %(new_openids)s::bytea[], %(new_times)s::timestamptz[]) AS n (tenant_id, account_id, token, openid, at)
ORDER BY tenant_id, account_id, token
ON CONFLICT (tenant_id, account_id, openid_token) DO UPDATE SET openid_sealed = excluded.openid_sealed
    WHERE f.openid_sealed IS NULL
"""
