"""Every statement on ``journey_replay``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.journeys.replay.contracts import JourneyReplayState

KEPT: Final = 20  # Of one journey; older ones go.
_COLUMNS: Final = (
    "SELECT id, journey_id, definition, days, state, progress, step, actor, created_at, finished_at, error, "
    "error_zh, report FROM journey_replay"
)


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A row, without the people behind its figures."""

    id: int
    journey_id: int
    definition: Mapping[str, Any]
    days: int
    state: str
    progress: float
    step: str
    actor: str
    created_at: datetime
    finished_at: datetime | None
    error: str
    error_zh: str
    report: Mapping[str, Any] | None


class ReplayQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(
        self, replay_id: int, journey_id: int, definition: Mapping[str, Any], *, days: int, actor: str
    ) -> None:
        """Write a replay that waits for its turn; the oldest of the journey makes room."""
        await self._run(
            "INSERT INTO journey_replay "
            "(tenant_id, id, journey_id, definition, days, state, actor, created_at) "
            "VALUES (:tenant, :id, :journey, CAST(:definition AS jsonb), :days, 'waiting', :actor, :now)",
            id=replay_id,
            journey=journey_id,
            definition=msgspec.json.encode(definition).decode(),
            days=days,
            actor=actor,
            now=self._uow.clock.now(),
        )
        await self._run(
            "DELETE FROM journey_replay WHERE tenant_id = :tenant AND id IN ("
            "SELECT id FROM journey_replay WHERE tenant_id = :tenant AND journey_id = :journey "
            "ORDER BY id DESC OFFSET :kept)",
            journey=journey_id,
            kept=KEPT,
        )

    async def list_of(self, journey_id: int) -> list[ReplayRow]:
        """Return a journey's replays, newest first."""
        rows = await self._run(
            f"{_COLUMNS} WHERE tenant_id = :tenant AND journey_id = :journey ORDER BY id DESC",
            journey=journey_id,
        )
        return [ReplayRow(*row) for row in rows]

    async def find(self, journey_id: int, replay_id: int) -> ReplayRow | None:
        """Return one replay of a journey."""
        found = await self._run(
            f"{_COLUMNS} WHERE tenant_id = :tenant AND journey_id = :journey AND id = :id",
            journey=journey_id,
            id=replay_id,
        )
        row = found.first()
        return ReplayRow(*row) if row else None

    async def take(self) -> ReplayRow | None:
        """Return the one that waits longest, as running."""
        found = await self._run(
            "UPDATE journey_replay SET state = 'running', progress = 0 WHERE tenant_id = :tenant AND id = ("
            "SELECT id FROM journey_replay WHERE tenant_id = :tenant AND state = 'waiting' "
            "ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
        )
        row = found.first()
        if row is None:
            return None
        taken = await self._run(f"{_COLUMNS} WHERE tenant_id = :tenant AND id = :id", id=row.id)
        return ReplayRow(*taken.one())

    async def wait_again(self) -> None:
        """Let what was cut off when the program ended begin anew."""
        await self._run(
            "UPDATE journey_replay SET state = 'waiting' WHERE tenant_id = :tenant AND state = 'running'"
        )

    async def tell(self, replay_id: int, step: str, progress: float) -> bool:
        """Note how far a replay is; return whether anybody still wants it."""
        found = await self._run(
            "UPDATE journey_replay SET step = :step, progress = :progress "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'running' RETURNING id",
            id=replay_id,
            step=step,
            progress=progress,
        )
        return found.first() is not None

    async def settle(
        self,
        replay_id: int,
        state: JourneyReplayState,
        *,
        report: str | None = None,
        samples: Mapping[str, Sequence[int]] | None = None,
        error: tuple[str, str] = ("", ""),
    ) -> bool:
        """End a replay that waits or runs; return whether it did."""
        found = await self._run(
            "UPDATE journey_replay SET state = :state, finished_at = :now, report = CAST(:report AS jsonb), "
            "samples = CAST(:samples AS jsonb), error = :error, error_zh = :error_zh, "
            "progress = CASE WHEN :state = 'done' THEN 1 ELSE progress END "
            "WHERE tenant_id = :tenant AND id = :id AND state IN ('waiting', 'running') RETURNING id",
            id=replay_id,
            state=state,
            now=self._uow.clock.now(),
            report=report,
            samples=msgspec.json.encode(samples or {}).decode(),
            error=error[0],
            error_zh=error[1],
        )
        return found.first() is not None

    async def sample(self, replay_id: int, name: str) -> list[int]:
        """Return the people kept behind a figure."""
        found = await self._run(
            "SELECT samples -> CAST(:name AS text) FROM journey_replay "
            "WHERE tenant_id = :tenant AND id = :id",
            id=replay_id,
            name=name,
        )
        people: list[int] | None = found.scalar()
        return people or []

    async def _run(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id} | params)
