"""Behaviour: asks history, and names the people behind its figures."""

import time
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from quanyu.infra.warehouse import TenantWarehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.behaviour import definitions
from quanyu.modules.insight.behaviour.askable import check_askable
from quanyu.modules.insight.behaviour.asker import LIMITS, Asker, head
from quanyu.modules.insight.behaviour.contracts import (
    CohortRow,
    FigurePeople,
    FunnelAnswer,
    FunnelSeries,
    RetentionAnswer,
    RetentionCell,
    RetentionTotal,
    TrendAnswer,
    TrendBucket,
    TrendFigure,
    TrendSeries,
)
from quanyu.modules.insight.behaviour.definitions import REVENUE
from quanyu.modules.insight.behaviour.funnel import FunnelCompiler, check_funnel, reached
from quanyu.modules.insight.behaviour.language import (
    Funnel,
    FunnelPeople,
    Group,
    Measure,
    Retention,
    RetentionPeople,
    Trend,
    TrendPeople,
)
from quanyu.modules.insight.behaviour.periods import Days, add_units, epoch_ms, midnight_ms
from quanyu.modules.insight.behaviour.retention import (
    EVERYBODY,
    RetentionCompiler,
    cell_state,
    check_retention,
    unit_number,
)
from quanyu.modules.insight.behaviour.sources import Asked, key_at, place_of
from quanyu.modules.insight.behaviour.trend import TrendCompiler, bucket_span, check_trend
from quanyu.modules.insight.currencies import Currency, choose_currency
from quanyu.modules.insight.errors import InvalidAnalysis
from quanyu.modules.insight.orders import amount_text

_AVG_STEP: Final = Decimal("0.0001")


class Behaviour:
    """Funnels, retention and trends of one brand's history; nothing is stored."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def funnel(self, tenant_id: TenantId, query: Funnel) -> FunnelAnswer:
        """Count how many people come from step to step.

        Raises:
            InvalidAnalysis: beyond a limit, or asks what is sealed.
            WarehouseUnavailable: history cannot be read now, or the question takes too long.
        """
        started = time.perf_counter()
        check_askable(query)
        check_funnel(query)
        days, _ = await self._asker.days(tenant_id, query)
        gate = self._asker.warehouse.for_tenant(tenant_id)
        steps = len(query.steps)
        plain = query.model_copy(update={"breakdown": None})
        total = _depths(await _ask(gate, FunnelCompiler(plain, days).figures()))
        groups: list[FunnelSeries] = []
        if query.breakdown is not None:
            keys = await self._funnel_keys(gate, query, days)
            found = _depths(await _ask(gate, FunnelCompiler(query, days, keys=keys).figures()))
            places = [*range(1, len(keys) + 1), *([0] if 0 in found else [])]
            groups = [
                FunnelSeries(group=key_at(place, keys), reached=tuple(reached(found.get(place, {}), steps)))
                for place in places
            ]
        series = FunnelSeries(group=None, reached=tuple(reached(total.get(0, {}), steps)))
        return FunnelAnswer(**head(days, started), total=series, groups=tuple(groups))

    async def funnel_people(
        self, tenant_id: TenantId, command: FunnelPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who reached a step, or got no further; errors as ``funnel``."""
        query = command.query
        check_askable(query)
        check_funnel(query)
        if command.step > len(query.steps):
            raise InvalidAnalysis(
                f"this funnel has {len(query.steps)} steps", message_zh=f"该漏斗只有 {len(query.steps)} 步"
            )
        days, _ = await self._asker.days(tenant_id, query)
        keys: Sequence[str] = ()
        place: int = 0
        if command.group is None:
            query = query.model_copy(update={"breakdown": None})
        else:
            gate = self._asker.warehouse.for_tenant(tenant_id)
            keys = await self._funnel_keys(gate, query, days)
            place = _place(command.group, keys)
        most = len(query.steps) if command.which == "reached" else command.step
        asked = FunnelCompiler(query, days, keys=keys).people(place=place, least=command.step, most=most)
        return await self._asker.people(tenant_id, asked, days, None, cursor=cursor, limit=limit)

    async def retention(self, tenant_id: TenantId, query: Retention) -> RetentionAnswer:
        """Count who came back in which period; errors as ``funnel``."""
        started = time.perf_counter()
        check_askable(query)
        days, _ = await self._asker.days(tenant_id, query)
        check_retention(query, days)
        rows = await _ask(
            self._asker.warehouse.for_tenant(tenant_id), RetentionCompiler(query, days).figures()
        )
        found = {(int(cohort), int(n)): int(people) for cohort, n, people in rows}
        cohorts = tuple(
            _cohort_row(query, days, cohort, found)
            for cohort in days.units(query.unit)
            if cell_state(query, days, cohort, 0).is_begun
        )
        return RetentionAnswer(**head(days, started), cohorts=cohorts, totals=_totals(query, cohorts))

    async def retention_people(
        self, tenant_id: TenantId, command: RetentionPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return a cohort's people: all, retained in period n, or not; errors as ``funnel``."""
        query = command.query
        check_askable(query)
        days, _ = await self._asker.days(tenant_id, query)
        check_retention(query, days)
        if command.cohort not in days.units(query.unit) or command.n > query.periods:
            raise InvalidAnalysis("the table has no such cell", message_zh="表中没有这一格")
        chosen: dict[str, Any] = {"cohort": command.cohort, "n": command.n, "which": command.which}
        asked = RetentionCompiler(query, days).people(**chosen)
        definition = definitions.retention_definition(query, days, **chosen)
        return await self._asker.people(tenant_id, asked, days, definition, cursor=cursor, limit=limit)

    async def trend(self, tenant_id: TenantId, query: Trend) -> TrendAnswer:
        """Count events or people, or add up a field, by calendar unit; errors as ``funnel``."""
        started = time.perf_counter()
        check_askable(query)
        check_trend(query)
        days, home = await self._asker.days(tenant_id, query)
        gate = self._asker.warehouse.for_tenant(tenant_id)
        currency = await _currency(gate, query, home)
        total = (await _series(gate, query, days, currency, keys=None))[0]
        earlier = days.before()
        previous = (await _series(gate, query, earlier, currency, keys=None))[0] if query.compare else None
        groups: tuple[TrendSeries, ...] = ()
        if query.breakdown is not None:
            keys = await _trend_keys(gate, query, days, currency)
            groups = tuple(await _series(gate, query, days, currency, keys=keys))
        return TrendAnswer(
            **head(days, started),
            currency=None if currency is None else currency.code,
            other_currencies=() if currency is None else currency.others,
            total=total,
            previous=previous,
            groups=groups,
        )

    async def trend_people(
        self, tenant_id: TenantId, command: TrendPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who is behind a bucket or a whole period; errors as ``funnel``."""
        query = command.query
        check_askable(query)
        check_trend(query)
        days, home = await self._asker.days(tenant_id, query)
        gate = self._asker.warehouse.for_tenant(tenant_id)
        currency = await _currency(gate, query, home)
        keys: Sequence[str] = ()
        place: int | None = None
        if command.group is not None:
            keys = await _trend_keys(gate, query, days, currency)
            place = _place(command.group, keys)
        shown = days.before() if command.previous else days
        span = shown.span if command.bucket is None else bucket_span(query, shown, command.bucket)
        currencies = () if currency is None else currency.stands_for
        compiler = TrendCompiler(query, span, shown, keys=keys, currencies=currencies)
        definition = definitions.trend_definition(query, span, group=command.group, currencies=currencies)
        return await self._asker.people(
            tenant_id, compiler.people(place=place), days, definition, cursor=cursor, limit=limit
        )

    async def _funnel_keys(self, gate: TenantWarehouse, query: Funnel, days: Days) -> list[str]:
        return [key for (key,) in await _ask(gate, FunnelCompiler(query, days).top_values())]


async def _ask(gate: TenantWarehouse, asked: Asked) -> list[tuple[Any, ...]]:
    return await gate.query(asked.sql, asked.parameters, limits=LIMITS)


def _place(group: Group, keys: Sequence[str]) -> int:
    place = place_of(group, keys)
    if place is None:
        raise InvalidAnalysis("the breakdown has no such group", message_zh="细分中没有这一组")
    return place


def _depths(rows: Sequence[tuple[Any, ...]]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for place, depth, people in rows:
        found.setdefault(int(place), {})[int(depth)] = int(people)
    return found


def _cohort_row(query: Retention, days: Days, cohort: date, found: dict[tuple[int, int], int]) -> CohortRow:
    number = unit_number(cohort, query.unit)
    cells = []
    for n in range(query.periods + 1):
        state = cell_state(query, days, cohort, n)
        if state.is_begun:
            people = found.get((number, n), 0)
            cells.append(RetentionCell(n=n, people=people, is_complete=state.is_complete))
    return CohortRow(cohort=cohort, people=found.get((number, EVERYBODY), 0), cells=tuple(cells))


def _totals(query: Retention, cohorts: Sequence[CohortRow]) -> tuple[RetentionTotal, ...]:
    totals = []
    for n in range(query.periods + 1):
        complete = [
            (row.people, cell.people)
            for row in cohorts
            for cell in row.cells
            if cell.n == n and cell.is_complete
        ]
        people, retained = (sum(column) for column in zip(*complete, strict=True)) if complete else (0, 0)
        totals.append(RetentionTotal(n=n, people=people, retained=retained))
    return tuple(totals)


async def _currency(gate: TenantWarehouse, query: Trend, home: str) -> Currency | None:
    if query.field != REVENUE or query.measure is Measure.UNIQUE:
        return None
    return await choose_currency(gate, brand_currency=home, wanted=query.currency or "")


async def _trend_keys(
    gate: TenantWarehouse, query: Trend, days: Days, currency: Currency | None
) -> list[str]:
    compiler = TrendCompiler(query, days.span, days, keys=(), currencies=_stands_for(currency))
    return [key for (key,) in await _ask(gate, compiler.top_values())]


def _stands_for(currency: Currency | None) -> tuple[str, ...]:
    return () if currency is None else currency.stands_for


async def _series(
    gate: TenantWarehouse, query: Trend, days: Days, currency: Currency | None, *, keys: Sequence[str] | None
) -> list[TrendSeries]:
    """Return the series of everybody, or (with keys) of every group."""
    is_broken_down = keys is not None

    def compiler() -> TrendCompiler:
        return TrendCompiler(query, days.span, days, keys=keys or (), currencies=_stands_for(currency))

    totals = {row[0]: row[1:] for row in await _ask(gate, compiler().totals(is_broken_down=is_broken_down))}
    rows = await _ask(gate, compiler().buckets(is_broken_down=is_broken_down))
    buckets = {(row[0], row[1]): row[2:] for row in rows}
    places = [*range(1, len(keys) + 1), *([0] if 0 in totals else [])] if keys is not None else [0]
    return [
        TrendSeries(
            group=None if keys is None else key_at(place, keys),
            total=TrendFigure(**_figure(query, totals.get(place))),
            buckets=tuple(
                TrendBucket(
                    bucket=bucket,
                    is_complete=_is_over(query, days, bucket),
                    **_figure(query, buckets.get((place, bucket))),
                )
                for bucket in days.units(query.unit)
            ),
        )
        for place in places
    ]


def _is_over(query: Trend, days: Days, bucket: date) -> bool:
    end = min(add_units(bucket, query.unit, 1), days.last + timedelta(days=1))
    return midnight_ms(end, days.zone) <= epoch_ms(days.as_of)


def _figure(query: Trend, row: Sequence[Any] | None) -> dict[str, Any]:
    events, people, amount, count, different = row or (0, 0, Decimal(0), 0, 0)
    value: str | None
    match query.measure:
        case Measure.EVENTS:
            value = str(events)
        case Measure.PEOPLE:
            value = str(people)
        case Measure.SUM:
            value = amount_text(amount)
        case Measure.AVG:
            value = amount_text((Decimal(amount) / count).quantize(_AVG_STEP)) if count else None
        case Measure.UNIQUE:
            value = str(different)
    return {"value": value, "events": events, "people": people}
