"""Every query of studies on PostgreSQL: runs, scores, settings and movement, all kinds in one table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import Any, Final, NamedTuple

from quanyu.infra.unit_of_work import Fact, UnitOfWork
from quanyu.modules.insight.runs import RunQueries

HISTORY_MAX: Final = 60  # Computations whose movement is kept.


class Scored(NamedTuple):
    """A row of ``study_score``, without the run."""

    person_id: int
    place: int  # Order of lists; 1 is first.
    label: str
    before: str | None  # The group of the computation before; ``None`` where nobody had one then.
    score: float | None
    detail: str  # JSON for the person's card.


@dataclass(frozen=True, slots=True)
class Run:
    """A row of ``study_run``."""

    id: int
    as_of: datetime
    people: int
    started_at: datetime
    card: dict[str, Any]
    history: int | None  # Events there were.


class StudyQueries(RunQueries):
    """Reads and writes of one unit of work, of one kind of study."""

    RUNS = "study_run"
    SCORES = "study_score"
    MINE = "tenant_id = :tenant AND kind = :kind"

    def __init__(self, uow: UnitOfWork, kind: str) -> None:
        super().__init__(uow)
        self._kind = kind
        self._mine = {"tenant": self._tenant, "kind": kind}

    def publish(self, fact: Fact) -> None:
        """State something with this commit."""
        self._uow.publish(fact)

    async def start(self, run_id: int, *, as_of: datetime, people: int, card: str, history: int) -> None:
        """Begin a run: nobody sees it before it is finished."""
        await self._uow.execute(
            "INSERT INTO study_run (tenant_id, kind, id, as_of, people, card, started_at, history) "
            "VALUES (:tenant, :kind, :id, :as_of, :people, CAST(:card AS jsonb), :now, :history)",
            {
                **self._mine,
                "id": run_id,
                "as_of": as_of,
                "people": people,
                "card": card,
                "history": history,
                "now": self._uow.clock.now(),
            },
        )

    async def add_scores(self, run_id: int, scores: Sequence[Scored]) -> None:
        """Write some of a run's scores."""
        connection = await self._uow.raw()
        statement = (
            "COPY study_score (tenant_id, kind, run_id, person_id, place, label, before, score, detail) "
            "FROM STDIN"
        )
        async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for score in scores:
                await copy.write_row((self._tenant, self._kind, run_id, *score))

    async def find_current(self) -> Run | None:
        """Return the last finished run."""
        row = (
            await self._uow.execute(
                f"SELECT id, as_of, people, started_at, card, history FROM study_run WHERE {self.MINE} "  # noqa: S608
                "AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1",
                self._mine,
            )
        ).first()
        return None if row is None else Run(*row)

    async def labels(self, run_id: int) -> dict[int, str]:
        """Return everybody's group."""
        found = await self._uow.execute(
            f"SELECT person_id, label FROM study_score WHERE {self.MINE} AND run_id = :id",  # noqa: S608
            {**self._mine, "id": run_id},
        )
        return {person: intern(label) for person, label in found}

    async def moves(self, run_id: int) -> list[tuple[str, str, int]]:
        """Return how many people went from where to where in a run; "" is "not there"."""
        found = await self._uow.execute(
            f"SELECT came_from, went_to, people FROM study_move WHERE {self.MINE} "  # noqa: S608
            "AND run_id = :id ORDER BY came_from, went_to",
            {**self._mine, "id": run_id},
        )
        return [(row[0], row[1], row[2]) for row in found]

    async def add_moves(self, run_id: int, as_of: datetime, moves: Mapping[tuple[str, str], int]) -> None:
        """Keep a run's movement; what is older than ``HISTORY_MAX`` runs, or of a run cut off, goes."""
        await self._uow.execute(
            f"DELETE FROM study_move WHERE {self.MINE} AND run_id > coalesce((SELECT max(id) "  # noqa: S608
            f"FROM study_run WHERE {self.MINE} AND finished_at IS NOT NULL), 0)",
            self._mine,
        )
        for (came_from, went_to), people in moves.items():
            await self._uow.execute(
                "INSERT INTO study_move (tenant_id, kind, run_id, as_of, came_from, went_to, people) "
                "VALUES (:tenant, :kind, :id, :as_of, :came, :went, :people)",
                {
                    **self._mine,
                    "id": run_id,
                    "as_of": as_of,
                    "came": came_from,
                    "went": went_to,
                    "people": people,
                },
            )
        await self._uow.execute(
            f"DELETE FROM study_move WHERE {self.MINE} AND run_id < (SELECT min(run_id) FROM "  # noqa: S608
            f"(SELECT DISTINCT run_id FROM study_move WHERE {self.MINE} ORDER BY run_id DESC LIMIT :keep) k)",
            {**self._mine, "keep": HISTORY_MAX},
        )

    async def history(self, until: int) -> list[tuple[datetime, str, int]]:
        """Return people by group of every run kept up to ``until``, the earliest first."""
        found = await self._uow.execute(
            f"SELECT as_of, went_to, sum(people)::int FROM study_move WHERE {self.MINE} "  # noqa: S608
            "AND went_to <> '' AND run_id <= :until GROUP BY run_id, as_of, went_to ORDER BY run_id",
            {**self._mine, "until": until},
        )
        return [(row[0], row[1], row[2]) for row in found]

    async def page(
        self, run_id: int, *, label: str | None, before: str | None, after: int, limit: int
    ) -> list[tuple[int, int]]:
        """Return (person, place) of a group's people, in the order of lists."""
        found = await self._uow.execute(
            f"SELECT person_id, place FROM study_score WHERE {self.MINE} AND run_id = :id "  # noqa: S608
            f"{_chosen(label, before)} AND place > :after ORDER BY place LIMIT :limit",
            {**self._mine, "id": run_id, "after": after, "limit": limit, **_values(label, before)},
        )
        return [(row[0], row[1]) for row in found]

    async def count(self, run_id: int, *, label: str | None, before: str | None) -> int:
        """Return how many people ``page`` would list in all."""
        found = await self._uow.execute(
            f"SELECT count(*) FROM study_score WHERE {self.MINE} AND run_id = :id "  # noqa: S608
            f"{_chosen(label, before)}",
            {**self._mine, "id": run_id, **_values(label, before)},
        )
        return int(found.scalar_one())

    async def of_people(self, run_id: int, people: Sequence[int]) -> dict[int, Scored]:
        """Return the scores of the given people."""
        found = await self._uow.execute(
            f"SELECT person_id, place, label, before, score, detail::text FROM study_score "  # noqa: S608
            f"WHERE {self.MINE} AND run_id = :id "
            "AND person_id = ANY(CAST(:people AS int[]))",
            {**self._mine, "id": run_id, "people": list(people)},
        )
        return {row.person_id: Scored(*row) for row in found}

    async def find_settings(self) -> dict[str, Any] | None:
        """Return what the operator set."""
        found = await self._uow.execute(
            f"SELECT settings FROM study_settings WHERE {self.MINE}",  # noqa: S608
            self._mine,
        )
        row = found.first()
        return None if row is None else dict(row[0])

    async def save_settings(self, settings: Mapping[str, Any]) -> None:
        """Keep what the operator set."""
        await self._uow.execute(
            "INSERT INTO study_settings (tenant_id, kind, settings, changed_at) "
            "VALUES (:tenant, :kind, CAST(:settings AS jsonb), :now) ON CONFLICT (tenant_id, kind) "
            "DO UPDATE SET settings = excluded.settings, changed_at = excluded.changed_at",
            {**self._mine, "settings": json.dumps(settings), "now": self._uow.clock.now()},
        )


def _chosen(label: str | None, before: str | None) -> str:
    tests = ["label = :label"] if label is not None else []
    if before is not None:
        tests.append("coalesce(before, '') = :before")
    return " ".join(f"AND {test}" for test in tests)


def _values(label: str | None, before: str | None) -> dict[str, str]:
    chosen = {"label": label, "before": before}
    return {key: value for key, value in chosen.items() if value is not None}
