"""Every query of insight on PostgreSQL: runs and scores of RFM."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from quanyu.modules.insight.runs import RunQueries

_SCORE: Final = "person_id, recency_days, frequency, monetary, r, f, m, class"

_FIGURES: Final = (("recency_days", "r"), ("frequency", "f"), ("monetary", "m"))


class Score(NamedTuple):
    """A row of ``rfm_score``."""

    person_id: int
    recency_days: int
    frequency: int
    monetary: Decimal
    r: int
    f: int
    m: int
    rfm_class: str


@dataclass(frozen=True, slots=True)
class Run:
    """A row of ``rfm_run``."""

    id: int
    as_of: datetime
    people: int
    started_at: datetime
    currency: str
    settings: dict[str, Any] | None
    history: int | None  # Events there were.


class RfmQueries(RunQueries):
    """Reads and writes of one unit of work."""

    RUNS = "rfm_run"
    SCORES = "rfm_score"

    async def start(
        self, run_id: int, *, as_of: datetime, people: int, currency: str, settings: str, history: int
    ) -> None:
        """Begin a run: nobody sees it before it is finished. ``settings`` is JSON."""
        await self._uow.execute(
            "INSERT INTO rfm_run (tenant_id, id, as_of, people, started_at, currency, settings, history) "
            "VALUES (:tenant, :id, :as_of, :people, :now, :currency, CAST(:settings AS jsonb), :history)",
            {
                "tenant": self._tenant,
                "id": run_id,
                "as_of": as_of,
                "people": people,
                "now": self._uow.clock.now(),
                "currency": currency,
                "settings": settings,
                "history": history,
            },
        )

    async def add_scores(self, run_id: int, scores: Sequence[Score]) -> None:
        """Write some of a run's scores."""
        connection = await self._uow.raw()
        statement = f"COPY rfm_score (tenant_id, run_id, {_SCORE}) FROM STDIN"
        async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for score in scores:
                await copy.write_row((self._tenant, run_id, *score))

    async def find_current(self) -> Run | None:
        """Return the last finished run."""
        row = (
            await self._uow.execute(
                "SELECT id, as_of, people, started_at, currency, settings, history FROM rfm_run "
                "WHERE tenant_id = :tenant AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1",
                {"tenant": self._tenant},
            )
        ).first()
        return None if row is None else Run(*row)

    async def class_figures(self, run_id: int) -> dict[str, tuple[int, Decimal]]:
        """Return people and revenue by class."""
        found = await self._uow.execute(
            "SELECT class, count(*) AS people, sum(monetary) AS revenue FROM rfm_score "
            "WHERE tenant_id = :tenant AND run_id = :id GROUP BY class",
            {"tenant": self._tenant, "id": run_id},
        )
        return {row[0]: (row.people, row.revenue) for row in found}

    async def borders(self, run_id: int) -> list[tuple[str, int, Decimal, Decimal, int]]:
        """Return (figure, score, least, greatest, people) of every score somebody has."""
        parts = (
            f"SELECT '{figure}' AS figure, {score} AS score, min({figure})::numeric AS least, "  # noqa: S608
            f"max({figure})::numeric AS greatest, count(*) AS people FROM rfm_score "
            f"WHERE tenant_id = :tenant AND run_id = :id GROUP BY {score}"
            for figure, score in _FIGURES
        )
        found = await self._uow.execute(
            f"{' UNION ALL '.join(parts)} ORDER BY 1, 2", {"tenant": self._tenant, "id": run_id}
        )
        return [(row[0], row[1], row[2], row[3], row[4]) for row in found]

    async def matrix(self, run_id: int) -> dict[tuple[int, int], int]:
        """Return people by recency and frequency score."""
        found = await self._uow.execute(
            "SELECT r, f, count(*) AS people FROM rfm_score "
            "WHERE tenant_id = :tenant AND run_id = :id GROUP BY r, f",
            {"tenant": self._tenant, "id": run_id},
        )
        return {(row.r, row.f): row.people for row in found}

    async def page(
        self, run_id: int, *, rfm_class: str | None, after: tuple[str, int] | None, limit: int
    ) -> list[Score]:
        """Return people of a run, those who spent most first."""
        chosen = "AND class = :class " if rfm_class else ""
        place = "AND (monetary, -person_id) < (CAST(:monetary AS numeric), -:person) " if after else ""
        found = await self._uow.execute(
            f"SELECT {_SCORE} FROM rfm_score WHERE tenant_id = :tenant AND run_id = :id {chosen}{place}"  # noqa: S608
            "ORDER BY monetary DESC, person_id LIMIT :limit",
            {
                "tenant": self._tenant,
                "id": run_id,
                "limit": limit,
                **({"class": rfm_class} if rfm_class else {}),
                **({"monetary": after[0], "person": after[1]} if after else {}),
            },
        )
        return [Score(*row) for row in found]

    async def of_people(self, run_id: int, people: Sequence[int]) -> dict[int, Score]:
        """Return the scores of the given people."""
        found = await self._uow.execute(
            f"SELECT {_SCORE} FROM rfm_score WHERE tenant_id = :tenant AND run_id = :id "  # noqa: S608
            "AND person_id = ANY(CAST(:people AS int[]))",
            {"tenant": self._tenant, "id": run_id, "people": list(people)},
        )
        return {row.person_id: Score(*row) for row in found}
