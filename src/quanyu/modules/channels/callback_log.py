"""Keeping callbacks: event, sealed raw document and the first sight of an openid, in one commit.

Concurrent deliveries share a commit: while one waits for the disk the next gathers. What the log has
already is answered as a duplicate and leaves nothing new behind.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Generic, NamedTuple, TypeVar

import psycopg

from quanyu.infra.telemetry import get_logger
from quanyu.kernel.clock import Clock
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId, AppendRecords
from quanyu.modules.channels.replies.outbox import find_replies, keep_late
from quanyu.modules.channels.wecom.ports import CallbackHook

_log = get_logger("channels.callback_log")
COMMIT_ROWS_MAX: Final = 1_000
BACKLOG_MAX: Final = 20_000
_KNOWN_MAX: Final = 200_000
_SEEN_EVERY: Final = timedelta(minutes=1)
_ACCEPTED: Final = "accepted"

EventT = TypeVar("EventT")
RecordT = TypeVar("RecordT")


class CallbackNotKept(Unavailable):
    """The commit failed or did not end in time: the platform has to deliver again, which is safe."""

    code = "channels.callback_not_kept"


class Hooked(NamedTuple):
    """What a hook writes about a callback, in the same commit."""

    hook: CallbackHook
    row: Any


class CallbackRow(NamedTuple):
    """One callback beside its event. A tuple, because one is made per request."""

    tenant_id: TenantId
    account_id: AccountId
    delivery: bytes  # 16 bytes, the same when the platform delivers again.
    openid_token: bytes | None  # Of a corp, the customer's; None for what is about the account.
    openid_sealed: bytes | None  # Given when the openid may be new.
    sealed: bytes  # The raw document.
    reply: bytes | None = None  # JSON of what is answered, so that a repeat is answered alike.
    reference: str = ""  # The rule or code that answers.
    late: tuple[bytes, ...] = ()  # JSON contents that go out after the answer.
    has_info: bool = True  # The platform can be asked who the person is.
    hooked: tuple[Hooked, ...] = ()


class Kept(NamedTuple):
    """What became of a callback."""

    outcome: str  # accepted, duplicate or duplicate_differs
    reply: bytes | None  # What is, or was the first time, answered.


class _Offer(NamedTuple):
    row: CallbackRow
    record: Any
    answer: asyncio.Future[Kept]


class CallbackLog(Generic[EventT, RecordT]):
    """Commits the callbacks of concurrent requests together."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]],
        clock: Clock,
        *,
        seal: Callable[[EventT], RecordT],
        append: AppendRecords[RecordT],
        announce: Callable[[TenantId], None],
        on_late: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._seal = seal
        self._append = append
        self._announce = announce
        self._on_late = on_late
        self._offers: list[_Offer] = []
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._known: set[tuple[AccountId, bytes]] = set()
        self._seen: dict[tuple[TenantId, AccountId], datetime] = {}

    async def __aenter__(self) -> "CallbackLog[EventT, RecordT]":
        self._task = asyncio.create_task(self._commit_forever())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Commit what was taken, then stop."""
        await self._idle.wait()
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def knows(self, account_id: AccountId, openid_token: bytes) -> bool:
        """Whether this openid has a row already, so that sealing it again would be for nothing."""
        return (account_id, openid_token) in self._known

    async def keep(self, row: CallbackRow, event: EventT, *, timeout_s: float) -> Kept:
        """Commit ``event`` and ``row``; return what became of the event. Returning means durable.

        Raises:
            CallbackNotKept: too many wait, the commit failed, or it did not end in ``timeout_s``.
        """
        if len(self._offers) >= BACKLOG_MAX:
            raise CallbackNotKept("too many callbacks wait to be stored")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Kept] = loop.create_future()
        self._offers.append(_Offer(row, self._seal(event), answer))
        self._arrived.set()
        self._idle.clear()
        # A bare timer: a third of what a time-out block costs, on a path taken thousands of times a second.
        timer = loop.call_later(timeout_s, _expire, answer)
        try:
            return await answer
        finally:
            timer.cancel()

    async def _commit_forever(self) -> None:
        connection: psycopg.AsyncConnection[Any] | None = None
        try:
            while True:
                await self._arrived.wait()
                offers = self._take()
                try:
                    if connection is None or connection.closed:
                        connection = await self._connect()
                    await self._commit_or_isolate(connection, offers)
                except (psycopg.Error, OSError) as error:
                    _log.warning("channels.commit_failed", error=type(error).__name__)
                    _fail(offers, error)
                    if connection is not None:
                        await connection.close()
                        connection = None
                if not self._offers:
                    self._idle.set()
        finally:
            if connection is not None:
                await connection.close()

    def _take(self) -> list[_Offer]:
        offers, self._offers = self._offers[:COMMIT_ROWS_MAX], self._offers[COMMIT_ROWS_MAX:]
        if not self._offers:
            self._arrived.clear()
        # Whoever was told to deliver again need not be kept now.
        return [offer for offer in offers if not offer.answer.done()]

    async def _commit_or_isolate(
        self, connection: psycopg.AsyncConnection[Any], offers: Sequence[_Offer]
    ) -> None:
        try:
            await self._commit(connection, offers)
        except (psycopg.OperationalError, psycopg.InterfaceError, OSError):
            raise
        except Exception as error:
            # One row the database cannot take must not hold up those it happened to arrive with.
            if len(offers) == 1:
                _log.error("channels.row_refused", exc_info=error)
                _fail(offers, error)
                return
            for offer in offers:
                await self._commit_or_isolate(connection, (offer,))

    async def _commit(self, connection: psycopg.AsyncConnection[Any], offers: Sequence[_Offer]) -> None:
        if not offers:
            return
        now = self._clock.now()
        brands: dict[TenantId, list[_Offer]] = {}
        for offer in offers:
            brands.setdefault(offer.row.tenant_id, []).append(offer)
        outcomes: dict[TenantId, Sequence[str]] = {}
        said: dict[TenantId, list[bytes | None]] = {}
        async with connection.transaction():
            for tenant_id in sorted(brands):
                records = [offer.record for offer in brands[tenant_id]]
                outcomes[tenant_id] = await self._append(connection, tenant_id, records, received_at=now)
                rows = [offer.row for offer in brands[tenant_id]]
                await _keep_raw(connection, rows, outcomes[tenant_id], now)
                said[tenant_id] = await self._settle_replies(connection, rows, outcomes[tenant_id], now)
            await self._keep_openids(connection, [offer.row for offer in offers], now)
            hooks = await _write_hooked(connection, brands, outcomes)
        for hook in hooks:
            hook.committed()
        for tenant_id, kept in brands.items():
            self._answer(kept, outcomes[tenant_id], said[tenant_id])
            self._announce(tenant_id)
        if any(offer.row.late for offer in offers):
            self._on_late()

    async def _settle_replies(
        self,
        connection: psycopg.AsyncConnection[Any],
        rows: Sequence[CallbackRow],
        outcomes: Sequence[str],
        now: datetime,
    ) -> list[bytes | None]:
        """Keep what goes out later, and return each row's answer: a repeat gets that of the first time."""
        fresh = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome == _ACCEPTED]
        await keep_late(connection, [row for row in fresh if row.late], now)
        repeated = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome != _ACCEPTED]
        before = await find_replies(connection, repeated)
        return [
            row.reply if outcome == _ACCEPTED else before.get((row.account_id, row.delivery))
            for row, outcome in zip(rows, outcomes, strict=True)
        ]

    def _answer(
        self, offers: Sequence[_Offer], outcomes: Sequence[str], said: Sequence[bytes | None]
    ) -> None:
        if len(self._known) > _KNOWN_MAX:
            self._known.clear()
        for offer, outcome, reply in zip(offers, outcomes, said, strict=True):
            if offer.row.openid_sealed is not None and offer.row.openid_token is not None:
                self._known.add((offer.row.account_id, offer.row.openid_token))
            if not offer.answer.done():
                offer.answer.set_result(Kept(outcome, reply))

    async def _keep_openids(
        self, connection: psycopg.AsyncConnection[Any], rows: Sequence[CallbackRow], now: datetime
    ) -> None:
        """Write openids that may be new, and once a minute when an account was heard of last."""
        fresh = {
            (row.tenant_id, row.account_id, row.openid_token): row
            for row in rows
            if row.openid_sealed is not None
        }
        if fresh:
            # In key order, so that two writers that share keys wait for each other instead of dying.
            keys = sorted(fresh)
            await connection.execute(
                _KEEP_OPENIDS,
                {
                    "tenants": [tenant_id for tenant_id, _, _ in keys],
                    "accounts": [account_id for _, account_id, _ in keys],
                    "tokens": [token for _, _, token in keys],
                    "openids": [fresh[key].openid_sealed for key in keys],
                    "dues": [now if fresh[key].has_info else None for key in keys],
                    "now": now,
                },
            )
        for tenant_id, account_id in sorted({(row.tenant_id, row.account_id) for row in rows}):
            seen_at = self._seen.get((tenant_id, account_id))
            if seen_at is None or now - seen_at >= _SEEN_EVERY:
                self._seen[tenant_id, account_id] = now
                await connection.execute(_MARK_SEEN, {"t": tenant_id, "a": account_id, "now": now})


async def _write_hooked(
    connection: psycopg.AsyncConnection[Any],
    brands: Mapping[TenantId, Sequence[_Offer]],
    outcomes: Mapping[TenantId, Sequence[str]],
) -> tuple[CallbackHook, ...]:
    """Let the hooks write what they have to say of callbacks that are new; return those that did."""
    rows: dict[CallbackHook, list[Any]] = {}
    for tenant_id, offers in brands.items():
        for offer, outcome in zip(offers, outcomes[tenant_id], strict=True):
            if offer.row.hooked and outcome == _ACCEPTED:
                for hook, row in offer.row.hooked:
                    rows.setdefault(hook, []).append(row)
    for hook, said in rows.items():
        await hook.write(connection, said)
    return tuple(rows)


async def _keep_raw(
    connection: psycopg.AsyncConnection[Any],
    rows: Sequence[CallbackRow],
    outcomes: Sequence[str],
    now: datetime,
) -> None:
    at = now.isoformat()
    lines = [_raw_line(row, at) for row, outcome in zip(rows, outcomes, strict=True) if outcome == _ACCEPTED]
    if not lines:
        return
    async with connection.cursor() as cursor, cursor.copy(_COPY_RAW) as copy:
        await copy.write("".join(lines).encode())


def _expire(answer: asyncio.Future[Kept]) -> None:
    if not answer.done():
        answer.set_exception(CallbackNotKept("the commit did not end in time"))


def _fail(offers: Sequence[_Offer], error: Exception) -> None:
    for offer in offers:
        if not offer.answer.done():
            failure = CallbackNotKept("the callback could not be stored")
            failure.__cause__ = error
            offer.answer.set_exception(failure)


def _raw_line(row: CallbackRow, at: str) -> str:
    token = "\\N" if row.openid_token is None else f"\\\\x{row.openid_token.hex()}"
    delivery, sealed = f"\\\\x{row.delivery.hex()}", f"\\\\x{row.sealed.hex()}"
    # JSON writes line ends and tabs as \\n and \\t, so its backslashes are all that COPY could misread.
    reply = "\\N" if row.reply is None else row.reply.decode().replace("\\", "\\\\")
    return f"{row.tenant_id}\t{row.account_id}\t{delivery}\t{token}\t{at}\t{sealed}\t{reply}\n"


_COPY_RAW: Final = (
    "COPY raw_callback (tenant_id, account_id, delivery, openid_token, received_at, sealed, reply) FROM STDIN"
)
_KEEP_OPENIDS: Final = """
INSERT INTO follower AS f (tenant_id, account_id, openid_token, openid_sealed, info_due_at, first_seen_at)
SELECT n.*, %(now)s FROM unnest(
    %(tenants)s::int[], %(accounts)s::bigint[], %(tokens)s::bytea[], %(openids)s::bytea[],
    %(dues)s::timestamptz[]
) AS n
ON CONFLICT (tenant_id, account_id, openid_token) DO UPDATE SET openid_sealed = excluded.openid_sealed
    WHERE f.openid_sealed IS NULL
"""
_MARK_SEEN: Final = """
UPDATE official_account SET last_callback_at = %(now)s
WHERE tenant_id = %(t)s AND id = %(a)s AND (last_callback_at IS NULL OR last_callback_at < %(now)s)
"""
