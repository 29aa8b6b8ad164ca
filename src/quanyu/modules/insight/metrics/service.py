"""Metrics: define a figure once, and ask it everywhere."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.behaviour.askable import check_askable
from quanyu.modules.insight.behaviour.contracts import TrendAnswer, TrendFigure, TrendSeries
from quanyu.modules.insight.behaviour.language import Trend
from quanyu.modules.insight.behaviour.service import Behaviour
from quanyu.modules.insight.behaviour.trend import check_trend
from quanyu.modules.insight.metrics import queries
from quanyu.modules.insight.metrics.builtin import BUILTIN
from quanyu.modules.insight.metrics.contracts import (
    AskMetric,
    ChangeMetric,
    EventFormula,
    Formula,
    FormulaText,
    MetricAnswer,
    MetricBucket,
    MetricDetail,
    MetricDraft,
    MetricFigure,
    MetricQuestion,
    MetricSeries,
    MetricView,
    RatioFormula,
    TryMetric,
)
from quanyu.modules.insight.metrics.errors import InvalidMetric, MetricChanged, MetricNotFound
from quanyu.modules.insight.metrics.formula import (
    as_trend,
    event_sql,
    event_text,
    newest_first,
    ratio_sql,
    ratio_text,
)
from quanyu.modules.tenants.service import Tenants

METRICS_MAX: Final = 500
_RATIO_STEP: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class _Book:
    """Every metric a brand can ask, and the currency its own amounts are in."""

    drafts: dict[str, MetricDraft]
    kept: dict[str, queries.Kept]
    currency: str

    def get(self, metric: str) -> MetricDraft:
        if metric not in self.drafts:
            raise MetricNotFound(f"there is no metric {metric[:40]!r}", message_zh="没有这个指标")
        return self.drafts[metric]

    def parts(self, formula: Formula) -> tuple[EventFormula, ...]:
        """The formulas over events a formula is made of: itself, or what is above and below the line."""
        if isinstance(formula, EventFormula):
            return (formula,)
        found = tuple(self.get(one).formula for one in (formula.of, formula.to))
        if not all(isinstance(one, EventFormula) for one in found):
            raise InvalidMetric(
                "a ratio reads metrics that are no ratios themselves",
                message_zh="比率的分子和分母不能再是比率",
            )
        return tuple(one for one in found if isinstance(one, EventFormula))

    def text(self, formula: Formula) -> FormulaText:
        if isinstance(formula, RatioFormula):
            return ratio_text(self.get(formula.of), self.get(formula.to))
        return event_text(formula)

    def sql(self, formula: Formula) -> str | None:
        parts = [event_sql(part, brand_currency=self.currency) for part in self.parts(formula)]
        return newest_first(parts[0] if len(parts) == 1 else ratio_sql(parts[0], parts[1]))

    def view(self, metric: str) -> MetricView:
        draft, kept = self.get(metric), self.kept.get(metric)
        return MetricView(
            id=metric,
            name=draft.name,
            name_en=draft.name_en,
            description=draft.description,
            formula=draft.formula,
            unit=draft.unit,
            owner=draft.owner,
            version=1 if kept is None else kept.version,
            is_builtin=kept is None,
            is_archived=kept is not None and kept.is_archived,
            text=self.text(draft.formula),
            sql=self.sql(draft.formula),
            changed_at=None if kept is None else kept.changed_at,
            changed_by="" if kept is None else kept.changed_by,
        )


class Metrics:
    """The platform's metrics and a brand's own, by one language and one compiler."""

    def __init__(self, behaviour: Behaviour, tenants: Tenants, uows: UnitOfWorkFactory) -> None:
        self._behaviour = behaviour
        self._tenants = tenants
        self._uows = uows

    async def list_all(self, uow: UnitOfWork) -> tuple[MetricView, ...]:
        """Return every metric that is offered."""
        book = await self._book(uow)
        own = sorted(
            (one for one in book.kept.values() if not one.is_archived),
            key=lambda one: (one.draft.name, one.id),
        )
        return tuple(book.view(metric) for metric in (*BUILTIN, *(one.id for one in own)))

    async def get(self, uow: UnitOfWork, metric: str) -> MetricDetail:
        """Return a metric with its past.

        Raises:
            MetricNotFound: there is none of this id.
        """
        book = await self._book(uow)
        view = book.view(metric)
        versions = () if view.is_builtin else await queries.versions_of(uow, metric)
        used_by = [
            draft.name
            for one, draft in book.drafts.items()
            if isinstance(draft.formula, RatioFormula)
            and metric in (draft.formula.of, draft.formula.to)
            and not (one in book.kept and book.kept[one].is_archived)
        ]
        return MetricDetail(**dict(view), versions=versions, used_by=tuple(used_by))

    async def add(self, uow: UnitOfWork, draft: MetricDraft, *, by: str) -> MetricDetail:
        """Keep a metric as its first version.

        Raises:
            InvalidMetric: no figure follows from the formula, or there are too many metrics.
            InvalidAnalysis: it asks what is sealed or cannot be added up.
        """
        book = await self._book(uow)
        if len(book.kept) >= METRICS_MAX:
            raise InvalidMetric(
                f"a brand has at most {METRICS_MAX} metrics", message_zh=f"最多 {METRICS_MAX} 个指标"
            )
        _check(book, draft.formula)
        owned = draft if draft.owner else draft.model_copy(update={"owner": by})
        return await self.get(uow, await queries.add_metric(uow, owned, by=by))

    async def change(self, uow: UnitOfWork, metric: str, command: ChangeMetric, *, by: str) -> MetricDetail:
        """Give a metric its next version; earlier ones stay in its history.

        Raises:
            MetricNotFound: there is none, or it is the platform's.
            MetricChanged: ``version`` is no longer the newest.
            InvalidMetric, InvalidAnalysis: as ``add``, or a ratio that reads this metric would break.
        """
        book = await self._book(uow)
        self._own(book, metric)
        _check(book, command.formula)
        changed = _Book({**book.drafts, metric: command}, book.kept, book.currency)
        for draft in changed.drafts.values():
            changed.parts(draft.formula)  # Nobody's ratio may end up reading a ratio, or itself.
        if not await queries.change_metric(uow, metric, command, version=command.version, by=by):
            raise MetricChanged(
                "somebody else changed this metric meanwhile; read it again",
                message_zh="其他人刚刚修改了这个指标，请重新打开",
            )
        return await self.get(uow, metric)

    async def archive(self, uow: UnitOfWork, metric: str) -> None:
        """Offer a metric no longer; boards and ratios that read it go on. Idempotent."""
        self._own(await self._book(uow), metric)
        await queries.archive_metric(uow, metric)

    async def ask(self, tenant_id: TenantId, query: AskMetric) -> MetricAnswer:
        """Return a metric's figures by calendar unit.

        Raises:
            MetricNotFound: there is none of this id.
            WarehouseUnavailable: history cannot be read now, or the question takes too long.
        """
        async with self._uows.app(tenant_id) as uow:
            book = await self._book(uow)
        return await self._ask(tenant_id, book, book.get(query.metric).formula, query)

    async def try_out(self, tenant_id: TenantId, query: TryMetric) -> MetricAnswer:
        """Return the figures of a formula nobody has kept; errors as ``ask``, or ``InvalidMetric``."""
        async with self._uows.app(tenant_id) as uow:
            book = await self._book(uow)
        return await self._ask(tenant_id, book, query.formula, query)

    async def check_known(self, uow: UnitOfWork, metrics: Collection[str]) -> None:
        """Raise ``MetricNotFound`` unless there is every one of these; archived ones are."""
        if not set(metrics) <= BUILTIN.keys():
            book = await self._book(uow)
            for metric in metrics:
                book.get(metric)

    async def _ask(
        self, tenant_id: TenantId, book: _Book, formula: Formula, query: MetricQuestion
    ) -> MetricAnswer:
        trends = [as_trend(part, query) for part in book.parts(formula)]
        above = await self._behaviour.trend(tenant_id, trends[0])
        below = None
        if len(trends) == 2:
            below = await self._behaviour.trend(
                tenant_id, trends[1].model_copy(update={"as_of": above.as_of})
            )
        previous = None
        if above.previous is not None:
            previous = _series(above.previous, None if below is None else below.previous)
        return MetricAnswer(
            **{name: value for name, value in above if name in _HEAD},
            text=book.text(formula),
            sql=book.sql(formula),
            currency=above.currency,
            other_currencies=above.other_currencies,
            current=_series(above.total, None if below is None else below.total),
            previous=previous,
            people_of=_repeatable(trends[0], above),
        )

    async def _book(self, uow: UnitOfWork) -> _Book:
        brand = await self._tenants.get_brand(uow)
        kept = {one.id: one for one in await queries.kept_metrics(uow, with_archived=True)}
        drafts = {**BUILTIN, **{one.id: one.draft for one in kept.values()}}
        return _Book(drafts, kept, brand.currency)

    def _own(self, book: _Book, metric: str) -> None:
        if metric in BUILTIN:
            raise InvalidMetric(
                "the platform's metrics cannot be changed; make one of your own from it",
                message_zh="平台内置的指标不能修改，可以复制后自定义",
            )
        book.get(metric)


_HEAD: Final = ("as_of", "first_day", "last_day", "time_zone", "took_ms")


def _check(book: _Book, formula: Formula) -> None:
    for part in book.parts(formula):
        trend = as_trend(part, MetricQuestion())
        check_askable(trend)
        check_trend(trend)


def _repeatable(trend: Trend, answer: TrendAnswer) -> Trend:
    """The trend that leads to the people of just this answer."""
    return trend.model_copy(update={"as_of": answer.as_of})


def _series(above: TrendSeries, below: TrendSeries | None) -> MetricSeries:
    under = [None] * len(above.buckets) if below is None else below.buckets
    return MetricSeries(
        total=MetricFigure(
            value=_value(above.total, None if below is None else below.total), people=above.total.people
        ),
        buckets=tuple(
            MetricBucket(
                bucket=bucket.bucket,
                is_complete=bucket.is_complete,
                value=_value(bucket, part),
                people=bucket.people,
            )
            for bucket, part in zip(above.buckets, under, strict=True)
        ),
    )


def _value(above: TrendFigure, below: TrendFigure | None) -> str | None:
    """The figure, or what is above the line over what is below; of nothing there is no ratio."""
    if below is None:
        return above.value
    if above.value is None or not below.value or not Decimal(below.value):
        return None
    ratio = (Decimal(above.value) / Decimal(below.value)).quantize(_RATIO_STEP)
    return f"{ratio.normalize():f}"
