"""Passing: move all subscribers past batches that hold nothing for them, in one transaction.

Most batches concern a few of the many subscribers. Without this each of the others would open a transaction
of its own for every batch, only to find that out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from quanyu.flows.pipeline.metrics import REACTED
from quanyu.flows.pipeline.react import BatchNames, React, next_batch
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId

_BATCHES_MAX: Final = 50  # A transaction.
_STANDING: Final = """
SELECT c.consumer, c.batch_id, c.position, c.position >= coalesce(b.count, 0) AS is_done
FROM log_cursor c
LEFT JOIN log_batch b ON b.tenant_id = c.tenant_id AND b.batch_id = c.batch_id
WHERE c.tenant_id = :tenant AND c.consumer = ANY(:consumers)
ORDER BY c.consumer
FOR UPDATE OF c SKIP LOCKED
"""
_MOVE: Final = """
UPDATE log_cursor SET xid = '0', position = :position, batch_id = :batch, events = events + :events,
    updated_at = :now
WHERE tenant_id = :tenant AND consumer = ANY(:consumers)
"""


@dataclass(slots=True)
class _Step:
    """Where a subscriber got to."""

    batch_id: int
    position: int
    events: int = 0


class Passing:
    """Passes batches on behalf of a brand's subscribers; whoever wants something stays where it is."""

    def __init__(self, uows: UnitOfWorkFactory, reactions: Sequence[React], names: BatchNames) -> None:
        self._uows = uows
        self._reactions = {reaction.name: reaction for reaction in reactions}
        self._names = names

    async def run_once(self, tenant_id: TenantId) -> list[str]:
        """Move everybody as far as nothing concerns them; return who has something to do.

        Doing it again moves nobody. A subscriber that waits for another never passes it; one that is behind
        the others, or at work, is left to itself.
        """
        while True:
            async with self._uows.system(tenant_id) as uow:
                together = await self._at_the_front(uow)
                moved: dict[str, _Step] = {}
                has_more = True
                for _ in range(_BATCHES_MAX):
                    together, has_more = await self._pass_next(uow, together, moved)
                    if not has_more:
                        break
                await self._move(uow, moved)
            for name, step in moved.items():
                REACTED.labels(name).inc(step.events)
            if not has_more:
                return [name for name in self._reactions if name not in together]

    async def _at_the_front(self, uow: UnitOfWork) -> dict[str, _Step]:
        """Return those that are at the end of the last batch anybody passed, and not at work."""
        rows = await uow.execute(
            _STANDING,
            {"tenant": uow.tenant_id, "consumers": [one.consumer for one in self._reactions.values()]},
        )
        names = {reaction.consumer: name for name, reaction in self._reactions.items()}
        done = [row for row in rows if row.is_done]
        front = max((row.batch_id for row in done), default=0)
        return {names[row.consumer]: _Step(front, row.position) for row in done if row.batch_id == front}

    async def _pass_next(
        self, uow: UnitOfWork, together: dict[str, _Step], moved: dict[str, _Step]
    ) -> tuple[dict[str, _Step], bool]:
        """Return who passes the next batch, and whether there was one; all of them when there is none."""
        if not together:
            return together, False
        connection = await uow.raw()
        front = next(iter(together.values()))
        batch = await next_batch(connection, uow.tenant_id, front.batch_id, front.position)
        if batch is None:
            return together, False
        if batch.is_archived:
            return {}, False  # Its names are in a file: everybody looks for themselves.
        names = sorted(await self._names.of(connection, uow.tenant_id, batch.batch_id))
        passing: dict[str, _Step] = {}
        for name in self._in_turn(together):
            reaction = self._reactions[name]
            if passing.keys() >= set(reaction.after) and not await reaction.wanted(uow, names):
                passing[name] = _Step(batch.batch_id, batch.count, together[name].events + batch.count)
        moved.update(passing)
        return passing, True

    def _in_turn(self, names: Iterable[str]) -> list[str]:
        """Return subscribers after those they wait for."""
        left, turn = dict.fromkeys(names), list[str]()
        while left:
            ready = [name for name in left if not left.keys() & set(self._reactions[name].after)]
            turn += ready or left  # A circle passes nothing: each waits for another.
            left = {name: None for name in left if name not in turn}
        return turn

    async def _move(self, uow: UnitOfWork, moved: dict[str, _Step]) -> None:
        ways: dict[tuple[int, int, int], list[str]] = {}
        for name, step in moved.items():
            ways.setdefault((step.batch_id, step.position, step.events), []).append(name)
        for (batch_id, position, events), names in ways.items():
            await uow.execute(
                _MOVE,
                {
                    "tenant": uow.tenant_id,
                    "consumers": [self._reactions[name].consumer for name in names],
                    "batch": batch_id,
                    "position": position,
                    "events": events,
                    "now": uow.clock.now(),
                },
            )
