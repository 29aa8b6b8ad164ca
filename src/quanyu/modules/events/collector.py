"""Group commit: concurrent requests share one transaction, and each is answered after it committed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from quanyu.infra.telemetry import get_logger
from quanyu.kernel.clock import Clock
from quanyu.kernel.errors import AppError, ErrorKind, Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import AcceptOutcome, LogRecord
from quanyu.modules.events.service import APPEND_MAX, Log

_log = get_logger("events.collector")

BACKLOG_MAX: Final = 100_000  # Events waiting for a commit; beyond it the door says "busy".
COMMIT_EVENTS_MAX: Final = 10_000
# A second commit beside one under way pays from so many events on; fewer wait for it to end, and others join.
OVERLAP_MIN: Final = 1_000
COMMIT_TIMEOUT_S: Final = 4.0


class LogBusy(Unavailable):
    """More events wait for a commit than the log takes; nothing of this request was kept."""

    code = "events.log_busy"
    kind = ErrorKind.UNAVAILABLE


class LogUnavailable(Unavailable):
    """The commit failed or did not end in time. The events may or may not be kept: send them again."""

    code = "events.log_unavailable"
    kind = ErrorKind.UNAVAILABLE


class UnstorableEvent(AppError):
    """An event cannot be written as it is; sending it again will not help."""

    code = "events.unstorable"
    kind = ErrorKind.INVALID


_AGAIN: Final = "the log could not commit; send this request again"
_AGAIN_ZH: Final = "日志未能提交，请重新发送此请求"
_UNSTORABLE: Final = "an event of this request holds values that cannot be stored"
_UNSTORABLE_ZH: Final = "此请求中有无法存储的事件"


@dataclass(slots=True)
class _Offer:
    tenant_id: TenantId
    records: Sequence[LogRecord]
    answer: asyncio.Future[list[AcceptOutcome]]


class Collector:
    """Takes events from the doors and commits them together.

    While one commit waits for the disk the next gathers, so a lone request is not delayed and a
    crowd shares. For large commits two committers keep building rows and flushing overlapped.
    """

    def __init__(
        self,
        log: Log,
        connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]],
        clock: Clock,
        *,
        committers: int = 2,
    ) -> None:
        self._log = log
        self._connect = connect
        self._clock = clock
        self._committers = committers
        self._queue: asyncio.Queue[_Offer] = asyncio.Queue()
        self._next: _Offer | None = None  # Did not fit into the last commit; begins the next.
        self._waiting = 0
        self._in_flight = 0  # Events of commits under way.
        self._idle = asyncio.Event()
        self._idle.set()
        self._worthwhile = asyncio.Event()
        self._worthwhile.set()
        self._gathering = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Collector":
        self._tasks = [asyncio.create_task(self._commit_forever()) for _ in range(self._committers)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Commit what was taken, then stop."""
        await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accept(self, tenant_id: TenantId, records: Sequence[LogRecord]) -> list[AcceptOutcome]:
        """Commit ``records`` (at most ``COMMIT_EVENTS_MAX``) and return one outcome each.

        Raises:
            LogBusy: too many events wait already; nothing was kept.
            LogUnavailable: the outcome is not known; offering the same events again is safe.
        """
        if not records:
            return []
        if self._waiting + len(records) > BACKLOG_MAX:
            raise LogBusy(
                "too many events are waiting to be stored; send this request again later",
                message_zh="等待写入的事件过多，请稍后重新发送此请求",
            )
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[AcceptOutcome]] = loop.create_future()
        self._waiting += len(records)
        self._idle.clear()
        self._judge()
        self._queue.put_nowait(_Offer(tenant_id, records, answer))
        # A timer and the bare future: ``wait_for`` around a shield costs a lone event more than its row.
        late = loop.call_later(COMMIT_TIMEOUT_S, _give_up, answer)
        try:
            return await answer
        finally:
            late.cancel()

    async def _commit_forever(self) -> None:
        connection: psycopg.AsyncConnection[Any] | None = None
        try:
            while True:
                async with self._gathering:
                    offers = await self._gather()
                    self._in_flight += _count(offers)
                    self._judge()
                try:
                    if connection is None or connection.closed:
                        connection = await self._connect()
                    await self._commit_or_isolate(connection, offers)
                except (psycopg.Error, OSError) as error:
                    _log.warning("events.commit_failed", error=type(error).__name__)
                    self._fail(offers, LogUnavailable(_AGAIN, message_zh=_AGAIN_ZH), error)
                    connection = None
                finally:
                    self._settled(offers)
        finally:
            if connection is not None:
                await connection.close()

    async def _commit_or_isolate(
        self, connection: psycopg.AsyncConnection[Any], offers: Sequence[_Offer]
    ) -> None:
        """Commit together; if rows cannot be written as they are, one by one, so that only the bad fail."""
        try:
            await self._commit(connection, offers)
        except (psycopg.OperationalError, psycopg.InterfaceError, OSError):
            raise
        except psycopg.errors.CheckViolation:
            raise  # The day's partition was made while the row was on its way to the default one.
        except Exception as error:
            if len(offers) == 1:
                _log.error("events.unstorable", exc_info=error)
                self._fail(offers, UnstorableEvent(_UNSTORABLE, message_zh=_UNSTORABLE_ZH), error)
                return
            for offer in offers:
                await self._commit_or_isolate(connection, [offer])

    def _settled(self, offers: Sequence[_Offer]) -> None:
        self._waiting -= _count(offers)
        self._in_flight -= _count(offers)
        self._judge()
        if not self._waiting:
            self._idle.set()

    def _judge(self) -> None:
        """Decide whether a commit pays now."""
        if not self._in_flight or self._waiting - self._in_flight >= OVERLAP_MIN:
            self._worthwhile.set()
        else:
            self._worthwhile.clear()

    async def _gather(self) -> list[_Offer]:
        """Take the first offer and everything else of the same brand that waits behind it."""
        offers = [self._next or await self._queue.get()]
        await self._worthwhile.wait()
        self._next = None
        count = len(offers[0].records)
        while not self._queue.empty() and count < COMMIT_EVENTS_MAX:
            offer = self._queue.get_nowait()
            if offer.tenant_id != offers[0].tenant_id or count + len(offer.records) > APPEND_MAX:
                self._next = offer
                break
            offers.append(offer)
            count += len(offer.records)
        return offers

    async def _commit(self, connection: psycopg.AsyncConnection[Any], offers: Sequence[_Offer]) -> None:
        tenant_id = offers[0].tenant_id
        records = [record for offer in offers for record in offer.records]
        async with connection.transaction():
            outcomes = await self._log.append(connection, tenant_id, records, received_at=self._clock.now())
        start = 0
        for offer in offers:
            end = start + len(offer.records)
            if not offer.answer.done():
                offer.answer.set_result(outcomes[start:end])
            start = end
        self._log.announce(tenant_id)

    def _fail(self, offers: Sequence[_Offer], failure: AppError, cause: Exception) -> None:
        for offer in offers:
            if not offer.answer.done():
                told = type(failure)(failure.message, message_zh=failure.message_zh)
                told.__cause__ = cause
                offer.answer.set_exception(told)
                offer.answer.exception()  # The asker may have given up; its silence is no defect.


def _count(offers: Sequence[_Offer]) -> int:
    return sum(len(offer.records) for offer in offers)


def _give_up(answer: "asyncio.Future[list[AcceptOutcome]]") -> None:
    if not answer.done():
        answer.set_exception(LogUnavailable(_AGAIN, message_zh=_AGAIN_ZH))
