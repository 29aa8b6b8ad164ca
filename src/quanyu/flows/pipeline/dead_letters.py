"""Dead letters: what a subscriber could not take, to be looked at and handed over again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from quanyu.flows.pipeline.archived import read_events
from quanyu.flows.pipeline.react import EVENT_COLUMNS, RANGE, Canonical, Subscriber, event_of
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.errors import NotFound, Unavailable
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.contracts import LogEvent

_log = get_logger("pipeline.dead_letters")

REPLAY_MAX: Final = 200  # Letters of one call; each has a transaction of its own.
SUBSCRIBER_GONE: Final = "SubscriberGone"


class UnknownSubscriber(NotFound):
    """No subscriber has this name."""

    code = "pipeline.unknown_subscriber"


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
        replayed: bool = False,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[DeadLetter]:
        """Return letters that wait, or with ``replayed`` those taken later; oldest event first."""
        after_position, after_subscriber = decode_cursor(cursor, int, str) if cursor else (0, "")
        size = clamp_limit(limit)
        async with self._uows.system(tenant_id) as uow:
            rows = await uow.execute(
                _LIST,
                {
                    "tenant": tenant_id,
                    "subscriber": subscriber,
                    "replayed": replayed,
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

    async def replay(self, tenant_id: TenantId, *, subscriber: str | None = None) -> Replayed:
        """Hand up to ``REPLAY_MAX`` waiting letters, longest untried first, to their subscribers again.

        Each goes in a transaction of its own that also marks it; one that fails again keeps its new error
        and goes to the end of the queue.

        Raises:
            UnknownSubscriber: no subscriber has that name; nothing was tried.
            Unavailable: something the subscriber needs is away; what came before stays done.
        """
        if subscriber is not None and subscriber not in self._subscribers:
            raise UnknownSubscriber(
                f"there is no subscriber {subscriber!r}", message_zh=f"没有名为 {subscriber!r} 的订阅者"
            )
        async with self._uows.system(tenant_id) as uow:
            found = await uow.execute(
                _WAITING, {"tenant": tenant_id, "subscriber": subscriber, "limit": REPLAY_MAX}
            )
            waiting = [(row.subscriber, row.position) for row in found]
        taken = [await self._replay_one(tenant_id, name, position) for name, position in waiting]
        async with self._uows.system(tenant_id) as uow:
            pending = await uow.execute(_COUNT, {"tenant": tenant_id, "subscriber": subscriber})
            return Replayed(sum(taken), len(taken) - sum(taken), int(pending.scalar_one()))

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
                _MARK,
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
            row = await (await connection.execute(_EVENT, place)).fetchone()
            batch = await (await connection.execute(_BATCH_OF, place)).fetchone()
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
                "AND subscriber = :subscriber AND position = :position AND replayed_at IS NULL",
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


_BATCH_OF: Final = """
SELECT batch_id FROM dead_letter
WHERE tenant_id = %(tenant)s AND subscriber = %(subscriber)s AND position = %(position)s
"""
_EVENT: Final = f"""
SELECT {EVENT_COLUMNS} {RANGE}
JOIN dead_letter d ON d.tenant_id = b.tenant_id AND d.batch_id = b.batch_id AND d.position = l.position
JOIN unnest(b.positions, b.person_ids) AS p (position, person_id) ON p.position = l.position
WHERE d.tenant_id = %(tenant)s AND d.subscriber = %(subscriber)s AND d.position = %(position)s
"""
_LIST: Final = f"""
SELECT d.batch_id, d.subscriber, d.position, coalesce(e.name, '') AS event_name, e.occurred_at, e.person_id,
    d.error, d.failed_at, d.replayed_at
FROM (
    SELECT * FROM dead_letter
    WHERE tenant_id = :tenant AND (replayed_at IS NOT NULL) = :replayed
        AND (subscriber = :subscriber OR CAST(:subscriber AS text) IS NULL)
        AND (position, subscriber) > (:after_position, :after_subscriber)
    ORDER BY position, subscriber LIMIT :limit
) d
LEFT JOIN LATERAL (
    SELECT l.name, l.occurred_at, b.person_ids[array_position(b.positions, l.position)] AS person_id
    {RANGE} WHERE b.tenant_id = d.tenant_id AND b.batch_id = d.batch_id AND l.position = d.position
) e ON true
ORDER BY d.position, d.subscriber
"""  # noqa: S608 - put together from constants only.
_OPEN: Final = """
FROM dead_letter WHERE tenant_id = :tenant AND replayed_at IS NULL
    AND (subscriber = :subscriber OR CAST(:subscriber AS text) IS NULL)
"""
_WAITING: Final = f"SELECT subscriber, position {_OPEN} ORDER BY failed_at, position, subscriber LIMIT :limit"
_COUNT: Final = f"SELECT count(*) {_OPEN}"
_MARK: Final = """
UPDATE dead_letter SET replayed_at = :now WHERE tenant_id = :tenant AND subscriber = :subscriber
    AND position = :position AND replayed_at IS NULL
"""
