"""Dead letters: what a subscriber could not take, to be looked at and handed over again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from quanyu.flows.pipeline import letter_queries as queries
from quanyu.flows.pipeline.archived import read_events
from quanyu.flows.pipeline.react import Canonical, Subscriber, event_of
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import NotFound, Unavailable
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.contracts import LogEvent

_log = get_logger("pipeline.dead_letters")

DEEDS_SHOWN: Final = 50
REPLAY_MAX: Final = 200  # Letters of one call; each has a transaction of its own.
SUBSCRIBER_GONE: Final = "SubscriberGone"


class UnknownSubscriber(NotFound):
    """No subscriber has this name."""

    code = "pipeline.unknown_subscriber"


class UnknownLetter(NotFound):
    """There is no such letter."""

    code = "pipeline.unknown_letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that one subscriber could not take. Grain: (subscriber, position)."""

    subscriber: str
    position: int
    event_name: str  # "" once the log no longer holds the event.
    occurred_at: datetime | None
    person_id: PersonId | None
    error: str  # The kind of error alone: its text may hold personal data.
    failed_at: datetime
    replayed_at: datetime | None  # When the subscriber took it after all.
    discarded_at: datetime | None = None  # When somebody decided that it never will.
    discard_reason: str = ""


class LetterState(StrEnum):
    """What became of a letter."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which waiting letters somebody means; what is left out does not narrow the choice."""

    subscriber: str | None = None
    error: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGroup:
    """Waiting letters of one subscriber with one kind of error."""

    subscriber: str
    error: str
    letters: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did to dead letters, for good on record."""

    at: datetime
    who: str
    deed: str  # replay or discard.
    subscriber: str | None
    error: str | None
    position: int | None
    reason: str
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of handing letters over again."""

    replayed: int
    failed: int
    pending: int  # Everything that still lies there, also what this call did not reach.


class DeadLetters:
    """List what was put aside, and hand it to its subscriber again."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        subscribers: Sequence[Subscriber],
        canonical: Canonical,
        archive: LogArchive | None = None,
    ) -> None:
        self._uows = uows
        self._archive = archive
        self._subscribers: Mapping[str, Subscriber] = {one.name: one for one in subscribers}
        self._canonical = canonical

    async def list_letters(
        self,
        tenant_id: TenantId,
        *,
        subscriber: str | None = None,
        error: str | None = None,
        state: LetterState = LetterState.WAITING,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[DeadLetter]:
        """Return letters that wait, or those that were taken later or discarded; oldest event first."""
        after_position, after_subscriber = decode_cursor(cursor, int, str) if cursor else (0, "")
        size = clamp_limit(limit)
        async with self._uows.system(tenant_id) as uow:
            rows = await uow.execute(
                queries.LIST,
                {
                    "tenant": tenant_id,
                    "subscriber": subscriber,
                    "error": error,
                    "state": state.value,
                    "after_position": after_position,
                    "after_subscriber": after_subscriber,
                    "limit": size + 1,
                },
            )
            found = [_split(row._mapping) for row in rows]
        letters = [await self._with_archived(tenant_id, letter, batch_id) for batch_id, letter in found]
        items = tuple(letters[:size])
        more = len(letters) > size
        return Page(items, encode_cursor(items[-1].position, items[-1].subscriber) if more else None)

    async def groups(self, tenant_id: TenantId) -> tuple[LetterGroup, ...]:
        """Return what waits, by subscriber and kind of error, the most first."""
        async with self._uows.system(tenant_id) as uow:
            rows = await uow.execute(queries.SUMMARY, {"tenant": tenant_id})
            return tuple(LetterGroup(**row._mapping) for row in rows)

    async def deeds(self, tenant_id: TenantId) -> tuple[Deed, ...]:
        """Return what was done to letters, the latest first; at most ``DEEDS_SHOWN``."""
        async with self._uows.system(tenant_id) as uow:
            rows = await uow.execute(queries.DEEDS, {"tenant": tenant_id, "limit": DEEDS_SHOWN})
            return tuple(Deed(**row._mapping) for row in rows)

    async def event_of(self, tenant_id: TenantId, *, subscriber: str, position: int) -> LogEvent:
        """Return the event of a letter, from the log or the archive.

        Raises:
            UnknownLetter: there is no such letter, or nothing holds its event any more.
        """
        try:
            return await self._load(tenant_id, subscriber, position)
        except LookupError as error:
            raise UnknownLetter(
                f"{subscriber} has no letter at {position}", message_zh="没有这封死信，或其事件已不可读取"
            ) from error

    async def replay(
        self,
        tenant_id: TenantId,
        *,
        subscriber: str | None = None,
        error: str | None = None,
        position: int | None = None,
        who: str = "",
    ) -> Replayed:
        """Hand up to ``REPLAY_MAX`` waiting letters, longest untried first, to their subscribers again.

        Each goes in a transaction of its own that also marks it, so repeating takes no effect twice; one that
        fails again keeps its new error and goes to the end of the queue. What came of it goes on record.

        Raises:
            UnknownSubscriber: no subscriber has that name; nothing was tried.
            Unavailable: something the subscriber needs is away; what came before stays done.
        """
        if subscriber is not None and subscriber not in self._subscribers:
            raise UnknownSubscriber(
                f"there is no subscriber {subscriber!r}", message_zh=f"没有名为 {subscriber!r} 的订阅者"
            )
        which = Which(subscriber=subscriber, error=error, position=position)
        async with self._uows.system(tenant_id) as uow:
            found = await uow.execute(queries.WAITING, {**_chosen(uow, which), "limit": REPLAY_MAX})
            waiting = [(row.subscriber, row.position) for row in found]
        taken = [await self._replay_one(tenant_id, name, place) for name, place in waiting]
        async with self._uows.system(tenant_id) as uow:
            if taken:
                failed = len(taken) - sum(taken)
                await _note(uow, which, who=who, deed="replay", done=sum(taken), failed=failed)
            pending = await uow.execute(queries.COUNT, _chosen(uow, which))
            return Replayed(sum(taken), len(taken) - sum(taken), int(pending.scalar_one()))

    async def discard(self, tenant_id: TenantId, which: Which, *, reason: str, who: str) -> int:
        """Decide that these letters will never be taken; return how many. The events stay in the log.

        The reason goes on record in the same transaction. Idempotent: what was discarded waits no more.
        """
        async with self._uows.system(tenant_id) as uow:
            gone = await uow.execute(
                queries.DISCARD, {**_chosen(uow, which), "now": uow.clock.now(), "reason": reason}
            )
            if gone.rowcount:
                await _note(uow, which, who=who, deed="discard", reason=reason, done=gone.rowcount)
            return gone.rowcount

    async def _replay_one(self, tenant_id: TenantId, name: str, position: int) -> bool:
        subscriber = self._subscribers.get(name)
        if subscriber is None:
            await self._keep_error(tenant_id, name, position, SUBSCRIBER_GONE)
            return False
        try:
            await self._hand_over(tenant_id, subscriber, position)
        except Unavailable:
            raise
        except Exception as error:
            _log.warning("pipeline.replay_failed", subscriber=name, position=position, exc_info=error)
            await self._keep_error(tenant_id, name, position, type(error).__name__)
            return False
        return True

    async def _hand_over(self, tenant_id: TenantId, subscriber: Subscriber, position: int) -> None:
        event = await self._load(tenant_id, subscriber.name, position)
        prepared = await subscriber.prepare(tenant_id, [event])
        async with self._uows.system(tenant_id) as uow:
            marked = await uow.execute(
                queries.MARK,
                {
                    "tenant": tenant_id,
                    "subscriber": subscriber.name,
                    "position": position,
                    "now": uow.clock.now(),
                },
            )
            # Somebody else may have replayed it meanwhile; marking first also makes the second one wait.
            if marked.rowcount:
                await subscriber.apply(uow, [event], prepared)

    async def _load(self, tenant_id: TenantId, name: str, position: int) -> LogEvent:
        place = {"tenant": tenant_id, "subscriber": name, "position": position}
        async with self._uows.system(tenant_id) as uow:
            connection = await uow.raw()
            row = await (await connection.execute(queries.EVENT, place)).fetchone()
            batch = await (await connection.execute(queries.BATCH_OF, place)).fetchone()
        if row is None and batch is not None:
            row = await self._archived(tenant_id, position, batch[0])
        if row is None:
            raise LookupError("neither log nor archive holds the event")
        person_id = row[1]
        if person_id is None:
            return event_of(row, {})
        async with self._uows.system(tenant_id) as uow:
            return event_of(row, await self._canonical(uow, [PersonId(person_id)]))

    async def _with_archived(self, tenant_id: TenantId, letter: DeadLetter, batch_id: int) -> DeadLetter:
        """Complete a letter whose event the log let go of."""
        if letter.event_name:
            return letter
        try:
            row = await self._archived(tenant_id, letter.position, batch_id)
        except Unavailable as error:
            _log.warning("pipeline.archive_unreadable", error=error.code)
            return letter
        if row is None:
            return letter
        return replace(letter, person_id=row[1], event_name=row[3], occurred_at=row[4])

    async def _archived(self, tenant_id: TenantId, position: int, batch_id: int) -> Any:
        """Return an archived event as a row of ``EVENT_COLUMNS``; ``None`` when there is none."""
        if self._archive is None:
            return None
        rows = await read_events(self._archive, self._uows, tenant_id, batch_id)
        return next((row for row in rows if row[0] == position), None)

    async def _keep_error(self, tenant_id: TenantId, name: str, position: int, error: str) -> None:
        async with self._uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE dead_letter SET error = :error, failed_at = :now WHERE tenant_id = :tenant "
                "AND subscriber = :subscriber AND position = :position "
                "AND replayed_at IS NULL AND discarded_at IS NULL",
                {
                    "tenant": tenant_id,
                    "subscriber": name,
                    "position": position,
                    "error": error,
                    "now": uow.clock.now(),
                },
            )


def _split(row: Any) -> tuple[int, DeadLetter]:
    letter = dict(row)
    return letter.pop("batch_id"), DeadLetter(**letter)


def _chosen(uow: UnitOfWork, which: Which) -> dict[str, Any]:
    return {
        "tenant": uow.tenant_id,
        "subscriber": which.subscriber,
        "error": which.error,
        "position": which.position,
    }


async def _note(
    uow: UnitOfWork, which: Which, *, who: str, deed: str, reason: str = "", done: int = 0, failed: int = 0
) -> None:
    said = {"who": who, "deed": deed, "reason": reason, "done": done, "failed": failed}
    await uow.execute(queries.NOTE_DEED, {**_chosen(uow, which), **said, "now": uow.clock.now()})
