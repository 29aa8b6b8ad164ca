"""Counting answers and visits, narrowed one way. Repeats of people found to be one count for nothing here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms.contracts import FormId
from quanyu.modules.forms.narrowing import ANSWERS, COUNTED, EVERYTHING, VISITS, Bounds


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a whole form."""

    answers: int
    repeats: int
    opened: int
    submitted: int
    median_seconds: int | None
    average_score: float | None


# One row per answered question and what a bar of it stands for: an option, ``row/column``, ``option/place``
# of an order, a step, a place.
_VALUES: Final = f"""
SELECT q.key AS question, v.bar, count(*) AS n FROM form_answer a
CROSS JOIN LATERAL jsonb_each(a.answers) q
CROSS JOIN LATERAL (
    SELECT jsonb_array_elements_text(q.value -> 'picks') AS bar
        WHERE jsonb_typeof(q.value) = 'object' AND q.value ? 'picks'
    UNION ALL SELECT r.option || '/' || r.place FROM jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(q.value -> 'ranked') = 'array' THEN q.value -> 'ranked' ELSE '[]' END)
        WITH ORDINALITY AS r(option, place)
    UNION ALL SELECT m.key || '/' || m.value FROM jsonb_each_text(CASE WHEN jsonb_typeof(q.value) = 'object'
        AND NOT q.value ? 'picks' AND jsonb_typeof(q.value -> 'ranked') IS DISTINCT FROM 'array'
        THEN q.value ELSE '{{}}' END) m
    UNION ALL SELECT q.value #>> '{{}}' WHERE jsonb_typeof(q.value) <> 'object'
) v
WHERE {COUNTED} GROUP BY 1, 2
"""  # noqa: S608
_CROSS: Final = f"""
SELECT r.bar AS r, c.bar AS c, count(*) AS n FROM form_answer a
CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(coalesce(a.answers -> :rows -> 'picks',
    jsonb_build_array(a.answers -> :rows))) AS bar) r
CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(coalesce(a.answers -> :columns -> 'picks',
    jsonb_build_array(a.answers -> :columns))) AS bar) c
WHERE {COUNTED} AND a.answers ? :rows AND a.answers ? :columns GROUP BY 1, 2
"""  # noqa: S608
_TOTALS: Final = f"""
SELECT count(*) FILTER (WHERE NOT a.is_repeat) AS answers, count(*) FILTER (WHERE a.is_repeat) AS repeats,
    CAST(percentile_cont(0.5) WITHIN GROUP (ORDER BY a.seconds)
        FILTER (WHERE a.seconds > 0) AS int) AS median,
    CAST(avg(a.score) FILTER (WHERE NOT a.is_repeat) AS float) AS score,
    (SELECT count(*) FROM form_visit v WHERE {VISITS}) AS opened,
    (SELECT count(*) FROM form_visit v WHERE {VISITS} AND v.submitted_at IS NOT NULL) AS submitted
FROM form_answer a WHERE {ANSWERS}
"""  # noqa: S608
DAYS_MAX: Final = 366
SOURCES_MAX: Final = 100


class ResultQueries:
    """Figures of one form, of the answers and visits within bounds."""

    def __init__(self, uow: UnitOfWork, form_id: FormId, bounds: Bounds = EVERYTHING) -> None:
        self._uow = uow
        self._params = {"tenant": uow.tenant_id, "form": form_id, **bounds.params()}

    async def values(self) -> Mapping[str, Mapping[str, int]]:
        """Return by question how often each bar was answered."""
        found: dict[str, dict[str, int]] = {}
        for row in await self._uow.execute(_VALUES, self._params):
            found.setdefault(row.question, {})[row.bar] = row.n
        return found

    async def answered(self) -> Mapping[str, int]:
        """Return how many answered each question."""
        rows = await self._uow.execute(
            "SELECT k AS question, count(*) AS n FROM form_answer a CROSS JOIN LATERAL "  # noqa: S608
            f"jsonb_object_keys(a.answers) AS k WHERE {COUNTED} GROUP BY 1",
            self._params,
        )
        return {row.question: row.n for row in rows}

    async def totals(self) -> Totals:
        """Return the figures of the whole form."""
        row = (await self._uow.execute(_TOTALS, self._params)).one()
        return Totals(row.answers, row.repeats, row.opened, row.submitted, row.median, row.score)

    async def reached(self) -> Mapping[int, int]:
        """Return how many browsers came to each page as their furthest."""
        rows = await self._uow.execute(
            f"SELECT v.page, count(*) AS n FROM form_visit v WHERE {VISITS} GROUP BY 1",  # noqa: S608
            self._params,
        )
        return {row.page: row.n for row in rows}

    async def days(self, zone: str) -> Mapping[date, int]:
        """Return how many answers came on each of the latest days that saw any."""
        rows = await self._uow.execute(
            "SELECT CAST(a.submitted_at AT TIME ZONE :zone AS date) AS day, count(*) AS n "  # noqa: S608
            f"FROM form_answer a WHERE {COUNTED} GROUP BY 1 ORDER BY 1 DESC LIMIT {DAYS_MAX}",
            {**self._params, "zone": zone},
        )
        return {row.day: row.n for row in rows}

    async def by(self, column: str) -> Sequence[tuple[str, int]]:
        """Return how many answers have each ``source`` or ``result``, the most first."""
        assert column in ("source", "result")
        rows = await self._uow.execute(
            f"SELECT a.{column} AS value, count(*) AS n FROM form_answer a WHERE {COUNTED} "  # noqa: S608
            "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
            self._params,
        )
        return [(row.value, row.n) for row in rows]

    async def known_sources(self) -> Sequence[str]:
        """Return every source a visit or an answer came by, within bounds or not."""
        rows = await self._uow.execute(
            "SELECT source FROM form_visit WHERE tenant_id = :tenant AND form_id = :form UNION "
            "SELECT source FROM form_answer WHERE tenant_id = :tenant AND form_id = :form "
            "ORDER BY 1 LIMIT :most",
            {"tenant": self._params["tenant"], "form": self._params["form"], "most": SOURCES_MAX},
        )
        return [row.source for row in rows]

    async def cross(self, rows: str, columns: str) -> Mapping[tuple[str, str], int]:
        """Return how many answered two questions each way."""
        found = await self._uow.execute(_CROSS, {**self._params, "rows": rows, "columns": columns})
        return {(row.r, row.c): row.n for row in found}
