"""Insight: order figures, and recency, frequency and monetary value as scores, classes and attributes."""

import time
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse, Warehouse
from quanyu.kernel.ids import PersonId, TenantId, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.insight.activity import count_events
from quanyu.modules.insight.classes import CLASSES, CODES
from quanyu.modules.insight.contracts import (
    ClassName,
    RfmCell,
    RfmClassFigures,
    RfmPeoplePage,
    RfmPerson,
    RfmRun,
    RfmSummary,
)
from quanyu.modules.insight.currencies import Currency, choose_currency
from quanyu.modules.insight.errors import UnknownClass
from quanyu.modules.insight.orders import Orders, amount_text
from quanyu.modules.insight.queries import RfmQueries, Run, Score
from quanyu.modules.insight.rfm import scoring
from quanyu.modules.insight.rfm.definitions import RfmSettings, ScoreBorder
from quanyu.modules.insight.runs import Publisher, Turns, still_holds, whole_ms
from quanyu.modules.insight.studies.queries import StudyQueries
from quanyu.modules.people.contracts import AttributeWrite, RfmView
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

__all__ = ["Orders", "Rfm"]

CHUNK: Final = 2_000  # People of one transaction: seven attributes each.
SOURCE: Final = "insight.rfm"
KIND: Final = "rfm"  # Of the row of settings.
SCORES: Final = range(1, 6)
ATTRIBUTES: Final = (
    "rfm_class",
    "rfm_r",
    "rfm_f",
    "rfm_m",
    "rfm_recency_days",
    "rfm_frequency",
    "rfm_monetary",
)


class Rfm:
    """Scores of everybody who bought something; one computation at a time per brand."""

    def __init__(
        self, uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._people = people
        self._tenants = tenants
        self._turns = Turns()

    async def run(self, tenant_id: TenantId, *, as_of: datetime | None = None) -> RfmRun:
        """Compute everybody's scores as of an instant (default now) and set them as attributes.

        The warehouse computes; results are written in chunks and seen once all are there. Whoever was
        scored before and no longer is loses the attributes. Waits for a computation under way.

        Raises:
            WarehouseUnavailable: nothing has changed.
        """
        async with self._turns.of(tenant_id):
            return await self._run(tenant_id, as_of)

    async def run_if_older(self, tenant_id: TenantId, *, than_s: float) -> RfmRun | None:
        """Compute as of now unless the last computation is younger; the schedule calls this.

        A computation that found nobody does not count: the brand's first orders may have come since; nor
        does one of a young history that has much grown since.
        """
        async with self._turns.of(tenant_id):
            async with self._uows.system(tenant_id) as uow:
                current = await RfmQueries(uow).find_current()
                now = uow.clock.now()
            if current is not None and await still_holds(
                self._warehouse.for_tenant(tenant_id),
                age_s=(now - current.started_at).total_seconds(),
                enough_s=than_s if current.people else 0.0,
                history=current.history,
            ):
                return None
            return await self._run(tenant_id, None)

    async def _run(self, tenant_id: TenantId, as_of: datetime | None) -> RfmRun:
        started = time.perf_counter()
        run_id = new_id()
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            brand = await self._tenants.get_brand(uow)
            settings = await rfm_settings(uow)
        gate = self._warehouse.for_tenant(tenant_id)
        history = await count_events(gate)
        currency = await choose_currency(gate, brand_currency=brand.currency, wanted=settings.currency or "")
        instant = whole_ms(as_of or now)
        scores = await _compute(gate, instant, currency, settings)
        publisher = Publisher(self._uows, self._people, SOURCE, ATTRIBUTES, CHUNK)
        await publisher.publish(
            tenant_id,
            RfmQueries,
            scores,
            run_id=run_id,
            at=now,
            start=lambda queries: queries.start(
                run_id,
                as_of=instant,
                people=len(scores),
                currency=currency.code,
                settings=settings.model_dump_json(),
                history=history,
            ),
            add=lambda queries, part: queries.add_scores(run_id, part),
            writes=_writes,
            whose=lambda score: score.person_id,
        )
        took_ms = round((time.perf_counter() - started) * 1000)
        return RfmRun(as_of=instant, people=len(scores), took_ms=took_ms)

    async def summary(self, uow: UnitOfWork) -> RfmSummary:
        """Return classes and the matrix of recency and frequency, of the last finished computation."""
        brand = await self._tenants.get_brand(uow)
        queries = RfmQueries(uow)
        settings = await rfm_settings(uow)
        run = await queries.find_current()
        if run is None:
            return RfmSummary(
                as_of=None,
                computed_at=None,
                people=0,
                currency=brand.currency,
                settings=settings,
                is_stale=False,
                classes=(),
                matrix=(),
                borders=(),
            )
        figures = await queries.class_figures(run.id)
        matrix = await queries.matrix(run.id)
        return RfmSummary(
            as_of=run.as_of,
            computed_at=run.started_at,
            people=run.people,
            currency=run.currency,
            settings=settings,
            is_stale=run.settings is not None and RfmSettings.model_validate(run.settings) != settings,
            borders=tuple(
                ScoreBorder(
                    figure=figure,
                    score=score,
                    least=_figure_text(figure, least),
                    greatest=_figure_text(figure, most),
                    people=people,
                )
                for figure, score, least, most, people in await queries.borders(run.id)
            ),
            classes=_class_figures(figures),
            matrix=tuple(RfmCell(r=r, f=f, people=matrix.get((r, f), 0)) for r in SCORES for f in SCORES),
        )

    async def page(
        self,
        uow: UnitOfWork,
        *,
        rfm_class: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> RfmPeoplePage:
        """Return people with their scores, those who spent most first.

        Raises:
            UnknownClass: no class has that code.
        """
        if rfm_class and rfm_class not in CODES:
            raise UnknownClass(
                f"there is no class {rfm_class[:40]!r}; classes are {', '.join(CODES)}",
                message_zh=f"没有分类 {rfm_class[:40]!r}",
            )
        queries = RfmQueries(uow)
        run = await queries.find_current()
        if run is None:
            return RfmPeoplePage(items=(), next_cursor=None, total=0)
        size = clamp_limit(limit)
        after = decode_cursor(cursor, str, int) if cursor else None
        found = await queries.page(
            run.id, rfm_class=rfm_class, after=None if after is None else (after[0], after[1]), limit=size + 1
        )
        last = found[size - 1] if len(found) > size else None
        return RfmPeoplePage(
            items=await self._rows(uow, found[:size]),
            next_cursor=None if last is None else encode_cursor(str(last.monetary), last.person_id),
            total=await self._total(queries, run, rfm_class),
        )

    async def _total(self, queries: RfmQueries, run: Run, rfm_class: str | None) -> int:
        if not rfm_class:
            return run.people
        figures = await queries.class_figures(run.id)
        return figures[rfm_class][0] if rfm_class in figures else 0

    async def _rows(self, uow: UnitOfWork, scores: Sequence[Score]) -> tuple[RfmPerson, ...]:
        people = [PersonId(score.person_id) for score in scores]
        names = await self._people.display_names(uow, people)
        user_ids = await self._people.values_of(uow, people, namespace="user_id", scope="")
        return tuple(
            RfmPerson(
                person_id=encode_id("per", score.person_id),
                display_name=names.get(PersonId(score.person_id), ""),
                user_id=user_ids.get(PersonId(score.person_id)),
                **score_view(score),
            )
            for score in scores
        )

    async def of_people(self, uow: UnitOfWork, people: Sequence[PersonId]) -> dict[PersonId, RfmView]:
        """Return the current scores of the given people; those without are left out."""
        queries = RfmQueries(uow)
        run = await queries.find_current()
        if run is None or not people:
            return {}
        found = await queries.of_people(run.id, people)
        return {PersonId(person): RfmView(**score_view(score)) for person, score in found.items()}


def score_view(score: Score) -> dict[str, Any]:
    """Return the fields every view of a score has."""
    return {
        "recency_days": score.recency_days,
        "frequency": score.frequency,
        "monetary": amount_text(score.monetary),
        "r": score.r,
        "f": score.f,
        "m": score.m,
        "rfm_class": score.rfm_class,
    }


async def _compute(
    gate: TenantWarehouse, as_of: datetime, currency: Currency, settings: RfmSettings
) -> list[Score]:
    sql = f"{scoring.scored_sql(settings)} ORDER BY who"
    rows = await gate.query(sql, scoring.parameters(settings, currency=currency, as_of=as_of))
    return [Score._make(row) for row in rows]


async def rfm_settings(uow: UnitOfWork) -> RfmSettings:
    """Return what the operator set, or the defaults."""
    return RfmSettings.model_validate(await StudyQueries(uow, KIND).find_settings() or {})


async def save_rfm_settings(uow: UnitOfWork, settings: RfmSettings) -> RfmSettings:
    """Keep what the operator set; the next computation goes by it, figures asked of history at once."""
    await StudyQueries(uow, KIND).save_settings(settings.model_dump(mode="json"))
    return settings


def _figure_text(figure: str, value: Decimal) -> str:
    return amount_text(value) if figure == "monetary" else str(int(value))


def _class_figures(figures: dict[str, tuple[int, Decimal]]) -> tuple[RfmClassFigures, ...]:
    """Return every class in the table's order, also empty ones."""
    total = sum((revenue for _, revenue in figures.values()), Decimal(0))
    listed = []
    for each in CLASSES.values():
        people, revenue = figures.get(each.code, (0, Decimal(0)))
        share = revenue / total if total else Decimal(0)
        listed.append(
            RfmClassFigures(
                rfm_class=each.code,
                name=ClassName(zh=each.zh, en=each.en),
                people=people,
                revenue=amount_text(revenue),
                share=f"{share:.4f}",
            )
        )
    return tuple(listed)


def _writes(scores: Sequence[Score]) -> list[AttributeWrite]:
    return [
        AttributeWrite(person_id=PersonId(score.person_id), key=key, value=value)
        for score in scores
        for key, value in zip(ATTRIBUTES, _values(score), strict=True)
    ]


def _values(score: Score) -> tuple[Any, ...]:
    # The exact amount is in the scores; the attribute is a number so that conditions can compare it.
    amount = float(score.monetary)
    return (score.rfm_class, score.r, score.f, score.m, score.recency_days, score.frequency, amount)
