"""What was answered, counted: figures of a form, and two questions set against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms import rules
from quanyu.modules.forms.contracts import (
    CrossTable,
    FormId,
    FormResults,
    Narrowing,
    OptionCount,
    PageReached,
    RowCounts,
)
from quanyu.modules.forms.definition import FormDefinition, Question
from quanyu.modules.forms.errors import UnknownQuestion
from quanyu.modules.forms.figures import bars_of, filled_days, question_result
from quanyu.modules.forms.narrowing import Bounds, bounds_of
from quanyu.modules.forms.queries import FormQueries, KeptVersion
from quanyu.modules.forms.result_queries import DAYS_MAX, ResultQueries
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class Asked:
    """A form's results as somebody asks for them: what is out, and within which bounds."""

    out: KeptVersion
    bounds: Bounds
    zone: ZoneInfo


class FormFigures:
    """Counts answers."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def asked(self, uow: UnitOfWork, form_id: FormId, narrowing: Narrowing) -> Asked:
        """Return what a filter means for a form.

        Raises:
            UnknownForm, UnfitFilter
            FormNotOpen: it was never published.
        """
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        bounds = bounds_of(narrowing, zone)
        return Asked(await FormQueries(uow).get_published(form_id), bounds, zone)

    async def figures(
        self, uow: UnitOfWork, form_id: FormId, narrowing: Narrowing | None = None
    ) -> FormResults:
        """Return all figures, by the questions that are out now; errors as ``asked``."""
        narrow = narrowing or Narrowing()
        asked = await self.asked(uow, form_id, narrow)
        definition, queries = asked.out.definition, ResultQueries(uow, form_id, asked.bounds)
        totals, values = await queries.totals(), await queries.values()
        answered = await queries.answered()
        return FormResults(
            answers=totals.answers,
            repeats=totals.repeats,
            opened=totals.opened,
            submitted=totals.submitted,
            median_seconds=totals.median_seconds,
            average_score=totals.average_score,
            pages=_pages(definition, await queries.reached()),
            days=filled_days(
                await queries.days(asked.zone.key),
                first=narrow.first_day,
                last=await self._last_day(uow, form_id, asked, narrow),
                most=DAYS_MAX,
            ),
            sources=_counted(await queries.by("source")),
            known_sources=tuple(await queries.known_sources()),
            results=_counted(await queries.by("result")) if definition.results else (),
            questions=tuple(
                question_result(one, values.get(one.key, {}), answered.get(one.key, 0))
                for one in definition.questions
            ),
        )

    async def _last_day(
        self, uow: UnitOfWork, form_id: FormId, asked: Asked, narrow: Narrowing
    ) -> date | None:
        """Return the last day to show; of a closed form, days after the last answer say nothing."""
        now = uow.clock.now()
        today = now.astimezone(asked.zone).date()
        if narrow.last_day is not None:
            return min(narrow.last_day, today)
        form = await FormQueries(uow).get(form_id)
        state = rules.opening(form.state, asked.out.definition.rules, now)
        return today if state is rules.Opening.OPEN else None

    async def cross(
        self,
        uow: UnitOfWork,
        form_id: FormId,
        rows: str,
        columns: str,
        narrowing: Narrowing | None = None,
    ) -> CrossTable:
        """Return how two questions with bars were answered together; errors as ``asked``.

        Raises:
            UnknownQuestion: the form does not ask it, or it cannot be set against another.
        """
        asked = await self.asked(uow, form_id, narrowing or Narrowing())
        counts = await ResultQueries(uow, form_id, asked.bounds).cross(rows, columns)
        across = bars_of(_comparable(asked.out, columns), {c: 1 for _, c in counts})
        return CrossTable(
            rows=tuple(
                RowCounts(
                    key=row.key,
                    label=row.label,
                    columns=tuple(
                        OptionCount(key=one.key, label=one.label, count=counts.get((row.key, one.key), 0))
                        for one in across
                    ),
                )
                for row in bars_of(_comparable(asked.out, rows), {r: 1 for r, _ in counts})
            ),
            columns=tuple(
                OptionCount(
                    key=one.key,
                    label=one.label,
                    count=sum(n for (_, c), n in counts.items() if c == one.key),
                )
                for one in across
            ),
        )


def _comparable(out: KeptVersion, key: str) -> Question:
    found = next((one for one in out.definition.questions if one.key == key), None)
    if found is None or found.kind in ("matrix", "ranking", "file", "image") or rules.is_sealed(found):
        raise UnknownQuestion(f"{key[:32]} cannot be compared", message_zh="此题不能用于交叉分析")
    return found


def _pages(definition: FormDefinition, furthest: Mapping[int, int]) -> tuple[PageReached, ...]:
    return tuple(
        PageReached(
            key=page.key,
            title=page.title or page.questions[0].title,
            reached=sum(n for reached, n in furthest.items() if reached >= index),
        )
        for index, page in enumerate(definition.pages)
    )


def _counted(found: Sequence[tuple[str, int]]) -> tuple[OptionCount, ...]:
    return tuple(OptionCount(key=value, label=value, count=n) for value, n in found)
