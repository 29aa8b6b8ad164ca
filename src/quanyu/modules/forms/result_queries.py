"""Counting answers. Repeats of people found to be one count for nothing here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms.contracts import FormId


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a whole form."""

    answers: int
    repeats: int
    opened: int
    submitted: int
    median_seconds: int | None
    average_score: float | None


# One row per answered question and what a bar of it stands for: an option, ``row/column``, a step, a place.
_VALUES: Final = """
SELECT q.key AS question, v.bar, count(*) AS n FROM form_answer a
CROSS JOIN LATERAL jsonb_each(a.answers) q
CROSS JOIN LATERAL (
    SELECT jsonb_array_elements_text(q.value -> 'picks') AS bar
        WHERE jsonb_typeof(q.value) = 'object' AND q.value ? 'picks'
    UNION ALL SELECT m.key || '/' || m.value FROM jsonb_each_text(
        CASE WHEN jsonb_typeof(q.value) = 'object' AND NOT q.value ? 'picks' THEN q.value ELSE '{}' END) m
    UNION ALL SELECT q.value #>> '{}' WHERE jsonb_typeof(q.value) <> 'object'
) v
WHERE a.tenant_id = :tenant AND a.form_id = :form AND NOT a.is_repeat GROUP BY 1, 2
"""
_CROSS: Final = """
SELECT r.bar AS r, c.bar AS c, count(*) AS n FROM form_answer a
CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(coalesce(a.answers -> :rows -> 'picks',
    jsonb_build_array(a.answers -> :rows))) AS bar) r
CROSS JOIN LATERAL (SELECT jsonb_array_elements_text(coalesce(a.answers -> :columns -> 'picks',
    jsonb_build_array(a.answers -> :columns))) AS bar) c
WHERE a.tenant_id = :tenant AND a.form_id = :form AND NOT a.is_repeat
    AND a.answers ? :rows AND a.answers ? :columns GROUP BY 1, 2
"""
_TOTALS: Final = """
SELECT count(*) FILTER (WHERE NOT is_repeat) AS answers, count(*) FILTER (WHERE is_repeat) AS repeats,
    CAST(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE seconds > 0) AS int) AS median,
    CAST(avg(score) FILTER (WHERE NOT is_repeat) AS float) AS score,
    (SELECT count(*) FROM form_visit v WHERE v.tenant_id = :tenant AND v.form_id = :form) AS opened,
    (SELECT count(*) FROM form_visit v WHERE v.tenant_id = :tenant AND v.form_id = :form
        AND v.submitted_at IS NOT NULL) AS submitted
FROM form_answer WHERE tenant_id = :tenant AND form_id = :form
"""


class ResultQueries:
    """Figures of one form."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def values(self, form_id: FormId) -> Mapping[str, Mapping[str, int]]:
        """Return by question how often each bar was answered."""
        found: dict[str, dict[str, int]] = {}
        for row in await self._uow.execute(_VALUES, self._of(form_id)):
            found.setdefault(row.question, {})[row.bar] = row.n
        return found

    async def answered(self, form_id: FormId) -> Mapping[str, int]:
        """Return how many answered each question."""
        rows = await self._uow.execute(
            "SELECT k AS question, count(*) AS n FROM form_answer a CROSS JOIN LATERAL "
            "jsonb_object_keys(a.answers) AS k WHERE a.tenant_id = :tenant AND a.form_id = :form "
            "AND NOT a.is_repeat GROUP BY 1",
            self._of(form_id),
        )
        return {row.question: row.n for row in rows}

    async def totals(self, form_id: FormId) -> Totals:
        """Return the figures of the whole form."""
        row = (await self._uow.execute(_TOTALS, self._of(form_id))).one()
        return Totals(row.answers, row.repeats, row.opened, row.submitted, row.median, row.score)

    async def reached(self, form_id: FormId) -> Mapping[int, int]:
        """Return how many browsers came to each page as their furthest."""
        rows = await self._uow.execute(
            "SELECT page, count(*) AS n FROM form_visit WHERE tenant_id = :tenant AND form_id = :form "
            "GROUP BY 1",
            self._of(form_id),
        )
        return {row.page: row.n for row in rows}

    async def days(self, form_id: FormId, zone: str) -> Sequence[tuple[date, int]]:
        """Return how many answers came on each of the latest days that saw any, the earliest first."""
        rows = await self._uow.execute(
            "SELECT CAST(submitted_at AT TIME ZONE :zone AS date) AS day, count(*) AS n FROM form_answer "
            "WHERE tenant_id = :tenant AND form_id = :form AND NOT is_repeat GROUP BY 1 "
            "ORDER BY 1 DESC LIMIT 90",
            {**self._of(form_id), "zone": zone},
        )
        return [(row.day, row.n) for row in rows][::-1]

    async def by(self, form_id: FormId, column: str) -> Sequence[tuple[str, int]]:
        """Return how many answers have each ``source`` or ``result``, the most first."""
        assert column in ("source", "result")
        rows = await self._uow.execute(
            f"SELECT {column} AS value, count(*) AS n FROM form_answer WHERE tenant_id = :tenant "  # noqa: S608
            "AND form_id = :form AND NOT is_repeat GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
            self._of(form_id),
        )
        return [(row.value, row.n) for row in rows]

    async def cross(self, form_id: FormId, rows: str, columns: str) -> Mapping[tuple[str, str], int]:
        """Return how many answered two questions each way."""
        found = await self._uow.execute(_CROSS, {**self._of(form_id), "rows": rows, "columns": columns})
        return {(row.r, row.c): row.n for row in found}

    def _of(self, form_id: FormId) -> dict[str, object]:
        return {"tenant": self._uow.tenant_id, "form": form_id}
