"""Undos of imports, as stored, and what they read of log and people."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.consent.contracts import GRANTED, WITHDRAWN

_SHOWN: Final = (
    "u.import_id, u.state, u.phase, u.batch_id, u.batch_to, u.people, u.done, u.counts, u.actor, "
    "u.created_at, u.finished_at"
)
# The batches of the log in which an import's events lie; person ids are aligned with positions.
_ITS_BATCHES: Final = """
FROM log_batch b WHERE b.tenant_id = :tenant AND b.to_xid >= CAST(:first_xid AS xid8)
    AND b.from_xid <= CAST(:last_xid AS xid8)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where an import's events lie in the log, and the source they name."""

    import_id: int
    source: str
    started_at: datetime
    first_xid: str
    last_xid: str
    first: int
    last: int

    @property
    def values(self) -> dict[str, Any]:
        """The same, for statements."""
        return {
            "import": self.import_id,
            "source": self.source,
            "first_xid": self.first_xid,
            "last_xid": self.last_xid,
            "first": self.first,
            "last": self.last,
        }


@dataclass(frozen=True, slots=True)
class UndoRow:
    """A row of ``import_undo``."""

    import_id: int
    state: str
    phase: str
    batch_id: int
    batch_to: int
    people: int
    done: int
    counts: dict[str, int]
    actor: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToldOf:
    """An event an import wrote about a person id."""

    person_id: int
    position: int
    message_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """Of one person id: since when the import told of it, and how often of consent."""

    since: datetime
    consents: int


class UndoQueries:
    """Reads and writes of one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(self, written: Written, *, actor: str) -> None:
        """Ask for an undo."""
        await self._run(
            f"""
            INSERT INTO import_undo (tenant_id, import_id, batch_id, batch_to, actor, created_at)
            SELECT :tenant, :import, coalesce(min(b.batch_id) - 1, 0), coalesce(max(b.batch_id), 0), :actor,
                :now
            {_ITS_BATCHES}
            """,
            **written.values,
            actor=actor,
            now=self._uow.clock.now(),
        )

    async def find(self, import_id: int, *, lock: bool = False) -> UndoRow | None:
        """Return the undo of an import, if somebody asked for one."""
        held = "FOR UPDATE" if lock else ""
        found = await self._run(
            f"SELECT {_SHOWN} FROM import_undo u WHERE tenant_id = :tenant AND import_id = :import {held}",  # noqa: S608
            **{"import": import_id},
        )
        row = found.first()
        return None if row is None else UndoRow(*row)

    async def claim(self) -> UndoRow | None:
        """Return the oldest running undo, held; ``None`` when none is free."""
        found = await self._run(
            f"SELECT {_SHOWN} FROM import_undo u WHERE tenant_id = :tenant AND state = 'running' "  # noqa: S608
            "ORDER BY import_id LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
        row = found.first()
        return None if row is None else UndoRow(*row)

    async def change(self, import_id: int, **values: Any) -> None:
        """Note how far it is."""
        names = ", ".join(f"{name} = :{name}" for name in values)
        await self._run(
            f"UPDATE import_undo SET {names} WHERE tenant_id = :tenant AND import_id = :import",  # noqa: S608
            **{"import": import_id, **values},
        )

    async def count(self, import_id: int, counts: Mapping[str, int], *, done: int = 0) -> None:
        """Note what was done by now."""
        await self.change(import_id, counts=json.dumps(dict(counts)))
        if done:
            await self._run(
                "UPDATE import_undo SET done = done + :done "
                "WHERE tenant_id = :tenant AND import_id = :import",
                **{"import": import_id},
                done=done,
            )

    # --- the log ------------------------------------------------------------------------------------------

    async def last_place(self, written: Written) -> tuple[int, int] | None:
        """Return (batch, events in it) of the import's last batch, once all its events are resolved."""
        found = await self._run(
            "SELECT b.batch_id, b.count FROM log_batch b WHERE b.tenant_id = :tenant "
            "AND (b.to_xid, b.to_position) >= (CAST(:last_xid AS xid8), CAST(:last AS bigint)) "
            "AND b.state = 'stored' ORDER BY b.batch_id LIMIT 1",
            **written.values,
        )
        row = found.first()
        return None if row is None else (row.batch_id, row.count)

    async def places(self, consumers: Sequence[str]) -> list[tuple[int, int]]:
        """Return how far each of these consumers of the log is; one that never ran is left out."""
        found = await self._run(
            "SELECT batch_id, position FROM log_cursor WHERE tenant_id = :tenant AND consumer = ANY(:names)",
            names=list(consumers),
        )
        return [(row.batch_id, row.position) for row in found]

    async def is_in_log(self, written: Written) -> bool:
        """Whether the log still holds the import's first event."""
        found = await self._run(
            "SELECT EXISTS (SELECT FROM log_event WHERE tenant_id = :tenant "
            "AND xid = CAST(:first_xid AS xid8) AND position = :first)",
            **written.values,
        )
        return bool(found.scalar_one())

    async def next_batch(self, after: int, upto: int) -> int | None:
        """Return the next batch of the log, or ``None`` at the end."""
        found = await self._run(
            "SELECT min(batch_id) FROM log_batch WHERE tenant_id = :tenant AND batch_id > :after "
            "AND batch_id <= :upto",
            after=after,
            upto=upto,
        )
        number: int | None = found.scalar_one()
        return number

    async def first_batch(self, written: Written) -> int | None:
        """Return the batch in which the import's events begin."""
        found = await self._run(f"SELECT min(b.batch_id) {_ITS_BATCHES}", **written.values)
        number: int | None = found.scalar_one()
        return number

    async def newest_batch(self) -> int:
        """Return the number of the newest batch of the log."""
        found = await self._run("SELECT coalesce(max(batch_id), 0) FROM log_batch WHERE tenant_id = :tenant")
        return int(found.scalar_one())

    async def has_open_batch(self, upto: int) -> bool:
        """Whether a batch up to this one is still on its way to the warehouse."""
        found = await self._run(
            "SELECT EXISTS (SELECT FROM log_batch WHERE tenant_id = :tenant AND batch_id <= :upto "
            "AND state <> 'stored')",
            upto=upto,
        )
        return bool(found.scalar_one())

    async def gather(self, written: Written, batch_id: int) -> None:
        """Note whom the import told of in one batch of the log, and by which events."""
        values = {**written.values, "batch": batch_id}
        await self._run(
            """
            INSERT INTO import_undo_event
                (tenant_id, import_id, person_id, position, message_id, occurred_at)
            SELECT :tenant, :import, p.person_id, l.position, l.message_id, l.occurred_at
            FROM log_batch b
            CROSS JOIN LATERAL unnest(b.positions, b.person_ids) AS p (position, person_id)
            JOIN log_event l ON l.tenant_id = :tenant AND l.xid BETWEEN b.from_xid AND b.to_xid
                AND l.position = p.position AND l.received_at BETWEEN b.received_from AND b.received_to
            WHERE b.tenant_id = :tenant AND b.batch_id = :batch AND p.person_id IS NOT NULL
                AND p.position BETWEEN :first AND :last AND l.source = :source
            ON CONFLICT DO NOTHING
            """,
            **values,
        )
        await self._run(
            """
            INSERT INTO import_undo_person (tenant_id, import_id, person_id)
            SELECT DISTINCT :tenant, :import, p.person_id
            FROM log_batch b
            CROSS JOIN LATERAL unnest(b.positions, b.person_ids) AS p (position, person_id)
            JOIN import_undo_event e ON e.tenant_id = :tenant AND e.import_id = :import
                AND e.person_id = p.person_id AND e.position = p.position
            WHERE b.tenant_id = :tenant AND b.batch_id = :batch AND p.person_id IS NOT NULL
            ON CONFLICT DO NOTHING
            """,
            **values,
        )

    async def empty_batch(self, written: Written, batch_id: int, redacted: str) -> int:
        """Empty what one batch of the log holds of the import and of people it had made; return how many."""
        values = {**written.values, "batch": batch_id}
        emptied = await self._run(
            f"""
            UPDATE log_event l SET {redacted}
            FROM (
                SELECT b.from_xid, b.to_xid, b.received_from, b.received_to, p.position,
                    r.person_id IS NOT NULL AS removed
                FROM log_batch b
                CROSS JOIN LATERAL unnest(b.positions, b.person_ids) AS p (position, person_id)
                LEFT JOIN import_undo_person r ON r.tenant_id = :tenant AND r.import_id = :import
                    AND r.person_id = p.person_id AND r.fate = 'removed'
                WHERE b.tenant_id = :tenant AND b.batch_id = :batch
            ) t
            WHERE l.tenant_id = :tenant AND l.position = t.position AND l.xid BETWEEN t.from_xid AND t.to_xid
                AND l.received_at BETWEEN t.received_from AND t.received_to
                AND (t.removed OR (l.source = :source AND l.position BETWEEN :first AND :last))
            """,  # noqa: S608 - a constant.
            **values,
        )
        await self._run(
            """
            UPDATE log_batch b SET person_ids = (
                SELECT array_agg(CASE WHEN r.person_id IS NULL AND e.position IS NULL THEN p.id END
                    ORDER BY p.at)
                FROM unnest(b.positions, b.person_ids) WITH ORDINALITY AS p (position, id, at)
                LEFT JOIN import_undo_person r ON r.tenant_id = :tenant AND r.import_id = :import
                    AND r.person_id = p.id AND r.fate = 'removed'
                LEFT JOIN import_undo_event e ON e.tenant_id = :tenant AND e.import_id = :import
                    AND e.person_id = p.id AND e.position = p.position
            )
            WHERE b.tenant_id = :tenant AND b.batch_id = :batch
            """,
            **values,
        )
        return int(emptied.rowcount)

    # --- people -------------------------------------------------------------------------------------------

    async def next_people(self, import_id: int, limit: int) -> list[int]:
        """Return whose turn it is."""
        found = await self._run(
            "SELECT person_id FROM import_undo_person WHERE tenant_id = :tenant AND import_id = :import "
            "AND fate IS NULL ORDER BY person_id LIMIT :limit",
            **{"import": import_id},
            limit=limit,
        )
        return [row.person_id for row in found]

    async def how_many(self, import_id: int) -> int:
        """Return how many person ids the import told of."""
        found = await self._run(
            "SELECT count(*) FROM import_undo_person WHERE tenant_id = :tenant AND import_id = :import",
            **{"import": import_id},
        )
        return int(found.scalar_one())

    async def told_of(self, import_id: int, people: Sequence[int]) -> list[ToldOf]:
        """Return the import's events about these person ids."""
        found = await self._run(
            "SELECT person_id, position, message_id, occurred_at FROM import_undo_event "
            "WHERE tenant_id = :tenant AND import_id = :import AND person_id = ANY(CAST(:people AS int[])) "
            "ORDER BY person_id, position",
            **{"import": import_id},
            people=list(people),
        )
        return [ToldOf(*row) for row in found]

    async def settle(self, import_id: int, fates: Mapping[int, str]) -> None:
        """Note what became of person ids."""
        await self._run(
            "UPDATE import_undo_person p SET fate = w.fate "
            "FROM unnest(CAST(:people AS int[]), CAST(:fates AS text[])) AS w (id, fate) "
            "WHERE p.tenant_id = :tenant AND p.import_id = :import AND p.person_id = w.id",
            **{"import": import_id},
            people=list(fates),
            fates=list(fates.values()),
        )

    async def removed_after(self, import_id: int, after: int, limit: int) -> list[int]:
        """Return removed people, ascending."""
        found = await self._run(
            "SELECT person_id FROM import_undo_person WHERE tenant_id = :tenant AND import_id = :import "
            "AND fate = 'removed' AND person_id > :after ORDER BY person_id LIMIT :limit",
            **{"import": import_id},
            after=after,
            limit=limit,
        )
        return [row.person_id for row in found]

    async def release_keys(self, keys: Sequence[bytes]) -> None:
        """Let events of these keys be accepted again: the same file may be imported anew."""
        await self._run(
            "DELETE FROM event_key WHERE tenant_id = :tenant AND key = ANY(CAST(:keys AS uuid[]))",
            keys=[key.hex() for key in keys],
        )

    async def forget_work(self, import_id: int) -> None:
        """Forget what only the undo needed."""
        for table in ("import_undo_event", "import_undo_person", "import_step"):
            await self._run(
                f"DELETE FROM {table} WHERE tenant_id = :tenant AND import_id = :import",  # noqa: S608
                **{"import": import_id},
            )

    async def first_people(self, written: Written, limit: int) -> dict[int, Told]:
        """Return the person ids the import told of, the lowest first, and what of (system role)."""
        found = await self._run(
            f"""
            SELECT p.person_id, min(l.occurred_at) AS since,
                count(*) FILTER (WHERE l.name = ANY(:consent)) AS consents
            FROM (SELECT b.* {_ITS_BATCHES}) b
            CROSS JOIN LATERAL unnest(b.positions, b.person_ids) AS p (position, person_id)
            JOIN log_event l ON l.tenant_id = :tenant AND l.xid BETWEEN b.from_xid AND b.to_xid
                AND l.position = p.position AND l.received_at BETWEEN b.received_from AND b.received_to
            WHERE p.person_id IS NOT NULL AND p.position BETWEEN :first AND :last AND l.source = :source
            GROUP BY p.person_id ORDER BY p.person_id LIMIT :limit
            """,  # noqa: S608 - made of our own constants.
            **written.values,
            limit=limit,
            consent=[GRANTED, WITHDRAWN],
        )
        return {row.person_id: Told(row.since, row.consents) for row in found}

    async def made_by(self, written: Written, people: Sequence[int]) -> list[int]:
        """Return who was made since the import began, is nobody else besides, and is held together by it."""
        found = await self._run(
            """
            SELECT p.id FROM unnest(CAST(:people AS int[])) AS w (id)
            JOIN person p ON p.tenant_id = :tenant AND p.id = w.id
            WHERE p.canonical_id = p.id AND p.created_at >= :started
                AND NOT EXISTS (SELECT FROM person o WHERE o.tenant_id = :tenant AND o.canonical_id = p.id
                    AND o.canonical_id <> o.id)
                AND NOT EXISTS (SELECT FROM identity i
                    JOIN identity_edge e ON e.tenant_id = :tenant AND (e.a = i.token OR e.b = i.token)
                    WHERE i.tenant_id = :tenant AND i.canonical_id = p.id AND e.source <> :source)
            ORDER BY p.id
            """,
            people=list(people),
            started=written.started_at,
            source=written.source,
        )
        return [row.id for row in found]

    async def _run(self, sql: str, **values: Any) -> Any:
        used = {key: value for key, value in values.items() if re.search(rf":{key}\b", sql)}
        return await self._uow.execute(sql, {"tenant": self._uow.tenant_id, **used})
