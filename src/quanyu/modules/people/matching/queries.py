"""Statements on whom to compare, what was compared, and the runs. A handful per batch, none per person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.people.sql_text import int_array

RUNS_MAX: Final = 20
_RUN: Final = (
    "id, kind, model, started_by, started_at, finished_at, person_until, person_at, people, pairs, "
    "suggested, joined, impossible, blocks_dropped, rollback_by, rollback_at, rollback_accepted, "
    "rolled_back, rolled_back_at"
)


class Setting(NamedTuple):
    """What a brand wants: whether people are compared, and from which score on edges are made unasked."""

    is_on: bool
    auto_min: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as stored."""

    id: int
    kind: str
    model: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    person_until: int
    person_at: int
    people: int
    pairs: int
    suggested: int
    joined: int
    impossible: int
    blocks_dropped: int
    rollback_by: str
    rollback_at: datetime | None
    rollback_accepted: bool
    rolled_back: int
    rolled_back_at: datetime | None


class Progress(NamedTuple):
    """What a batch adds to its run."""

    people: int
    pairs: int
    suggested: int
    joined: int
    impossible: int
    blocks_dropped: int


class Compared(NamedTuple):
    """What is kept of somebody who was compared."""

    keys: frozenset[int]
    counted: tuple[int, ...]


class MatchQueries:
    """Every statement of finding, bound to one unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id

    async def setting(self) -> Setting:
        """Return what the brand wants; by default people are compared and nothing is joined unasked."""
        rows = await self._execute("SELECT is_on, auto_min FROM match_setting WHERE tenant_id = :tenant")
        row = rows.first()
        return Setting(True, None) if row is None else Setting(row.is_on, row.auto_min)

    async def save_setting(self, setting: Setting, *, actor: str) -> None:
        """Replace what the brand wants."""
        await self._execute(
            "INSERT INTO match_setting (tenant_id, is_on, auto_min, changed_by, changed_at) "
            "VALUES (:tenant, :is_on, :auto_min, :actor, :now) ON CONFLICT (tenant_id) DO UPDATE SET "
            "is_on = excluded.is_on, auto_min = excluded.auto_min, changed_by = excluded.changed_by, "
            "changed_at = excluded.changed_at",
            **setting._asdict(),
            actor=actor,
            now=self._uow.clock.now(),
        )

    async def pending(self, limit: int) -> dict[int, int]:
        """Return the next people to compare, each with the number of its last change."""
        rows = await self._execute(
            "SELECT person_id, seq FROM match_pending WHERE tenant_id = :tenant "
            "ORDER BY person_id LIMIT :most",
            most=limit,
        )
        return {row.person_id: row.seq for row in rows}

    async def count_pending(self) -> int:
        """Return how many wait to be compared."""
        rows = await self._execute("SELECT count(*) AS n FROM match_pending WHERE tenant_id = :tenant")
        return int(rows.one().n)

    async def count_compared(self) -> int:
        """Return how many people were compared so far."""
        rows = await self._execute("SELECT count(*) AS n FROM match_person WHERE tenant_id = :tenant")
        return int(rows.one().n)

    async def done(self, pending: Mapping[int, int]) -> None:
        """Take people off the list, except who changed again meanwhile."""
        await self._execute(
            "DELETE FROM match_pending p USING unnest(CAST(:people AS int[]), CAST(:seqs AS bigint[])) "
            "AS w (person_id, seq) "
            "WHERE p.tenant_id = :tenant AND p.person_id = w.person_id AND p.seq = w.seq",
            people=list(pending),
            seqs=list(pending.values()),
        )

    async def wait(self, people: Iterable[int]) -> None:
        """Put people on the list."""
        await self._execute(
            "INSERT INTO match_pending (tenant_id, person_id) "
            "SELECT :tenant, person_id FROM unnest(CAST(:people AS int[])) AS w (person_id) "
            "ORDER BY person_id ON CONFLICT (tenant_id, person_id) DO UPDATE SET seq = excluded.seq",
            people=sorted(set(people)),
        )

    async def forget(self, people: Sequence[int]) -> None:
        """Forget everything kept of people who are erased: keys, counts, suggestions, waiting."""
        await self.replace_compared({}, people)
        for table, column in (
            ("match_pending", "person_id"),
            ("match_suggestion", "person_a"),
            ("match_suggestion", "person_b"),
        ):
            await self._execute(
                f"DELETE FROM {table} WHERE tenant_id = :tenant AND {column} = ANY(CAST(:people AS int[]))",  # noqa: S608
                people=list(people),
            )

    async def people_after(self, person: int, *, until: int, limit: int) -> list[int]:
        """Return the next canonical ids of a run over everybody."""
        rows = await self._execute(
            "SELECT id FROM person WHERE tenant_id = :tenant AND canonical_id = id AND id > :after "
            "AND id <= :until ORDER BY id LIMIT :most",
            after=person,
            until=until,
            most=limit,
        )
        return [row.id for row in rows]

    async def last_person(self) -> int:
        """Return the greatest person id of the brand."""
        rows = await self._execute("SELECT coalesce(max(id), 0) AS id FROM person WHERE tenant_id = :tenant")
        return int(rows.one().id)

    async def replace_compared(self, now: Mapping[int, Compared], gone: Iterable[int]) -> None:
        """Keep what people are compared by now, and forget who is nobody any more; counts follow."""
        people = sorted({*now, *gone})
        rows = await self._execute(
            "SELECT person_id, keys, counted FROM unnest(CAST(:people AS int[])) AS w (id) "
            "JOIN match_person m ON m.tenant_id = :tenant AND m.person_id = w.id "
            "ORDER BY person_id FOR UPDATE OF m",
            people=people,
        )
        before = {row.person_id: Compared(frozenset(row.keys), tuple(row.counted)) for row in rows}
        kept = {one: found for one, found in now.items() if found.keys}
        await self._replace_keys(before, kept)
        await self._count(before, kept)
        await self._execute(
            "DELETE FROM match_person m USING unnest(CAST(:people AS int[])) AS w (id) "
            "WHERE m.tenant_id = :tenant AND m.person_id = w.id",
            people=[one for one in people if one not in kept],
        )
        connection = await self._uow.raw()
        at = self._uow.clock.now()
        async with connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO match_person (tenant_id, person_id, keys, counted, compared_at) "
                "VALUES (%s, %s, %s::bigint[], %s::bigint[], %s) ON CONFLICT (tenant_id, person_id) "
                "DO UPDATE SET keys = excluded.keys, counted = excluded.counted, "
                "compared_at = excluded.compared_at",
                [
                    (self._tenant, one, int_array(sorted(found.keys)), int_array(found.counted), at)
                    for one, found in kept.items()
                ],
            )

    async def _replace_keys(self, before: Mapping[int, Compared], now: Mapping[int, Compared]) -> None:
        old = {(key, person) for person, found in before.items() for key in found.keys}
        new = {(key, person) for person, found in now.items() for key in found.keys}
        for sql, pairs in (
            (
                "DELETE FROM match_key k USING unnest(CAST(:keys AS bigint[]), CAST(:people AS int[])) "
                "AS w (key, person_id) WHERE k.tenant_id = :tenant AND k.key = w.key "
                "AND k.person_id = w.person_id",
                sorted(old - new),
            ),
            (
                "INSERT INTO match_key (tenant_id, key, person_id) SELECT :tenant, key, person_id "
                "FROM unnest(CAST(:keys AS bigint[]), CAST(:people AS int[])) AS w (key, person_id) "
                "ON CONFLICT DO NOTHING",
                sorted(new - old),
            ),
        ):
            if pairs:
                await self._execute(sql, keys=[one for one, _ in pairs], people=[one for _, one in pairs])

    async def _count(self, before: Mapping[int, Compared], now: Mapping[int, Compared]) -> None:
        change = Counter(value for found in now.values() for value in found.counted)
        change.subtract(value for found in before.values() for value in found.counted)
        changed = sorted((value, by) for value, by in change.items() if by)
        if changed:
            await self._execute(
                "INSERT INTO match_value AS v (tenant_id, value, people) SELECT :tenant, value, people "
                "FROM unnest(CAST(:values AS bigint[]), CAST(:by AS int[])) AS w (value, people) "
                "ON CONFLICT (tenant_id, value) DO UPDATE SET people = v.people + excluded.people",
                values=[value for value, _ in changed],
                by=[by for _, by in changed],
            )

    async def frequencies(self, values: Sequence[int]) -> dict[int, int]:
        """Return how many people have each value."""
        rows = await self._execute(
            "SELECT v.value, v.people FROM unnest(CAST(:values AS bigint[])) AS w (value) "
            "JOIN match_value v ON v.tenant_id = :tenant AND v.value = w.value",
            values=list(values),
        )
        return {row.value: row.people for row in rows}

    async def blocks(self, keys: Iterable[int], *, at_most: int) -> dict[int, list[int]]:
        """Return who has each key; of who has a key that too many have, ``at_most`` + 1."""
        rows = await self._execute(
            "SELECT w.key, ARRAY(SELECT k.person_id FROM match_key k WHERE k.tenant_id = :tenant "
            "AND k.key = w.key ORDER BY k.person_id LIMIT :most) AS people "
            "FROM unnest(CAST(:keys AS bigint[])) AS w (key)",
            keys=sorted(keys),
            most=at_most + 1,
        )
        return {row.key: list(row.people) for row in rows}

    async def runs(self) -> list[Run]:
        """Return the latest runs, newest first."""
        rows = await self._execute(
            f"SELECT {_RUN} FROM match_run WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :most",  # noqa: S608
            most=RUNS_MAX,
        )
        return [Run(**row._mapping) for row in rows]

    async def open_run(self, kind: str) -> Run | None:
        """Return the run of a kind that goes on."""
        return await self._run("kind = :kind AND finished_at IS NULL ORDER BY id DESC LIMIT 1", kind=kind)

    async def lock_run(self, run_id: int) -> Run | None:
        """Return a run, locked until commit."""
        return await self._run("id = :id FOR UPDATE", id=run_id)

    async def run_to_roll_back(self) -> Run | None:
        """Return the run that somebody asked to roll back, oldest request first, locked until commit."""
        return await self._run(
            "rollback_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY rollback_at, id LIMIT 1 FOR UPDATE"
        )

    async def start_run(self, kind: str, *, model: str, actor: str, until: int = 0) -> int:
        """Start a run; return its number."""
        run_id = new_id()
        await self._execute(
            "INSERT INTO match_run (tenant_id, id, kind, model, started_by, started_at, person_until) "
            "VALUES (:tenant, :id, :kind, :model, :actor, :now, :until)",
            id=run_id,
            kind=kind,
            model=model,
            actor=actor,
            now=self._uow.clock.now(),
            until=until,
        )
        return run_id

    async def reach(self, run_id: int, person: int) -> None:
        """Note up to whom a run over everybody has put people on the list."""
        await self._execute(
            "UPDATE match_run SET person_at = :person WHERE tenant_id = :tenant AND id = :id",
            person=person,
            id=run_id,
        )

    async def finish(self, run_id: int) -> None:
        """Note that a run is over."""
        await self._execute(
            "UPDATE match_run SET finished_at = :now WHERE tenant_id = :tenant AND id = :id",
            now=self._uow.clock.now(),
            id=run_id,
        )

    async def add_progress(self, run_id: int, progress: Progress) -> None:
        """Add a batch to a run's figures."""
        await self._execute(
            "UPDATE match_run SET people = people + :people, pairs = pairs + :pairs, "
            "suggested = suggested + :suggested, joined = joined + :joined, "
            "impossible = impossible + :impossible, blocks_dropped = blocks_dropped + :blocks_dropped "
            "WHERE tenant_id = :tenant AND id = :id",
            id=run_id,
            **progress._asdict(),
        )

    async def ask_rollback(self, run_id: int, *, actor: str, accepted: bool) -> None:
        """Note that a run is to be rolled back."""
        await self._execute(
            "UPDATE match_run SET rollback_by = :actor, rollback_at = :now, rollback_accepted = :accepted, "
            "rolled_back_at = NULL WHERE tenant_id = :tenant AND id = :id",
            id=run_id,
            actor=actor,
            accepted=accepted,
            now=self._uow.clock.now(),
        )

    async def rolled_back(self, run_id: int, *, edges: int, is_over: bool) -> None:
        """Note how far a rollback is."""
        await self._execute(
            "UPDATE match_run SET rolled_back = rolled_back + :edges, rolled_back_at = :at "
            "WHERE tenant_id = :tenant AND id = :id",
            id=run_id,
            edges=edges,
            at=self._uow.clock.now() if is_over else None,
        )

    async def _run(self, condition: str, **params: Any) -> Run | None:
        rows = await self._execute(
            f"SELECT {_RUN} FROM match_run WHERE tenant_id = :tenant AND {condition}",  # noqa: S608
            **params,
        )
        row = rows.first()
        return None if row is None else Run(**row._mapping)

    async def _execute(self, sql: str, **params: Any) -> Any:
        return await self._uow.execute(sql, {"tenant": self._tenant, **params})
