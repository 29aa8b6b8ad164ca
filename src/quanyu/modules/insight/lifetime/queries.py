"""Every query of customer lifetime on PostgreSQL: runs with their model cards, and everybody's figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

from quanyu.modules.insight.runs import RunQueries

_SCORE: Final = (
    "person_id, place, days_bought, last_on, alive, buys_soon, purchases, next_on, "
    "spend_minor, value_minor, alive_band, value_band"
)

Measure = Literal["alive_band", "value_band"]


class Score(NamedTuple):
    """A row of ``lifetime_score``."""

    person_id: int
    place: int  # 1 is who is worth most.
    days_bought: int
    last_on: date
    alive: float | None
    buys_soon: float
    purchases: float
    next_on: date | None
    spend_minor: int | None
    value_minor: int | None
    alive_band: int
    value_band: int | None


class Bar(NamedTuple):
    """People of one band."""

    band: int
    people: int
    purchases: float
    value_minor: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A row of ``lifetime_run``."""

    id: int
    as_of: datetime
    people: int
    started_at: datetime
    currency: str
    card: dict[str, Any]
    history: int | None  # Events there were.


class LifetimeQueries(RunQueries):
    """Reads and writes of one unit of work."""

    RUNS = "lifetime_run"
    SCORES = "lifetime_score"

    async def start(
        self, run_id: int, *, as_of: datetime, people: int, currency: str, card: str, history: int
    ) -> None:
        """Begin a run: nobody sees it before it is finished. ``card`` is JSON."""
        await self._uow.execute(
            "INSERT INTO lifetime_run (tenant_id, id, as_of, people, started_at, currency, card, history) "
            "VALUES (:tenant, :id, :as_of, :people, :now, :currency, CAST(:card AS jsonb), :history)",
            {
                "tenant": self._tenant,
                "id": run_id,
                "as_of": as_of,
                "people": people,
                "now": self._uow.clock.now(),
                "currency": currency,
                "card": card,
                "history": history,
            },
        )

    async def add_scores(self, run_id: int, scores: Sequence[Score]) -> None:
        """Write some of a run's figures."""
        connection = await self._uow.raw()
        statement = f"COPY lifetime_score (tenant_id, run_id, {_SCORE}) FROM STDIN"
        async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for score in scores:
                await copy.write_row((self._tenant, run_id, *score))

    async def find_current(self) -> Run | None:
        """Return the last finished run."""
        row = (
            await self._uow.execute(
                "SELECT id, as_of, people, started_at, currency, card, history FROM lifetime_run "
                "WHERE tenant_id = :tenant AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1",
                {"tenant": self._tenant},
            )
        ).first()
        return None if row is None else Run(*row)

    async def bars(self, run_id: int, measure: Measure) -> list[Bar]:
        """Return people by band, the lowest first."""
        found = await self._uow.execute(
            f"SELECT {measure}, count(*), sum(purchases), sum(value_minor)::bigint FROM lifetime_score "  # noqa: S608
            f"WHERE tenant_id = :tenant AND run_id = :id AND {measure} IS NOT NULL "
            f"GROUP BY {measure} ORDER BY {measure}",
            {"tenant": self._tenant, "id": run_id},
        )
        return [Bar(*row) for row in found]

    async def count(self, run_id: int, bands: Mapping[str, int]) -> int:
        """Return how many people are in the given bands."""
        found = await self._uow.execute(
            "SELECT count(*) FROM lifetime_score "  # noqa: S608
            f"WHERE tenant_id = :tenant AND run_id = :id {_within(bands)}",
            {"tenant": self._tenant, "id": run_id, **bands},
        )
        return int(found.scalar_one())

    async def page(
        self, run_id: int, *, bands: Mapping[str, int], after: int | None, limit: int
    ) -> list[Score]:
        """Return people of a run, those worth most first."""
        found = await self._uow.execute(
            f"SELECT {_SCORE} FROM lifetime_score WHERE tenant_id = :tenant AND run_id = :id "  # noqa: S608
            f"{_within(bands)} AND place > :after ORDER BY place LIMIT :limit",
            {"tenant": self._tenant, "id": run_id, "limit": limit, "after": after or 0, **bands},
        )
        return [Score(*row) for row in found]

    async def of_people(self, run_id: int, people: Sequence[int]) -> dict[int, Score]:
        """Return the figures of the given people."""
        found = await self._uow.execute(
            f"SELECT {_SCORE} FROM lifetime_score WHERE tenant_id = :tenant AND run_id = :id "  # noqa: S608
            "AND person_id = ANY(CAST(:people AS int[]))",
            {"tenant": self._tenant, "id": run_id, "people": list(people)},
        )
        return {row.person_id: Score(*row) for row in found}


def _within(bands: Mapping[str, int]) -> str:
    # The names are ours, never a caller's.
    return " ".join(f"AND {measure} = :{measure}" for measure in bands)
