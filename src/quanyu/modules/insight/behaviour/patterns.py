"""Distributions and paths: how much each person does, and in which order."""

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from quanyu.kernel.ids import TenantId
from quanyu.modules.insight.behaviour.askable import check_askable
from quanyu.modules.insight.behaviour.asker import Asker, head
from quanyu.modules.insight.behaviour.contracts import (
    DistributionAnswer,
    DistributionBucket,
    FigurePeople,
    PathFlow,
    PathsAnswer,
)
from quanyu.modules.insight.behaviour.definitions import REVENUE, distribution_definition
from quanyu.modules.insight.behaviour.distribution import (
    DistributionCompiler,
    check_distribution,
    usual_edges,
)
from quanyu.modules.insight.behaviour.language import (
    DistributionPeople,
    DistributionQuestion,
    Paths,
    PathsPeople,
)
from quanyu.modules.insight.behaviour.paths import PathsCompiler, check_paths, point_of, tops_of
from quanyu.modules.insight.behaviour.periods import Days
from quanyu.modules.insight.currencies import Currency, choose_currency
from quanyu.modules.insight.errors import InvalidAnalysis

_KINDS: Final = ("name", "other", "end")
_MEAN_STEP: Final = Decimal("0.0001")


class Patterns:
    """Distributions and paths of one brand's history; nothing is stored."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def distribution(self, tenant_id: TenantId, query: DistributionQuestion) -> DistributionAnswer:
        """Count people by how often, on how many days, or for how much.

        Raises:
            InvalidAnalysis: beyond a limit, or asks what is sealed.
            WarehouseUnavailable: history cannot be read now, or the question takes too long.
        """
        started = time.perf_counter()
        check_askable(query)
        check_distribution(query)
        days, home = await self._asker.days(tenant_id, query)
        currency = await self._currency(tenant_id, query, home)

        def compiler() -> DistributionCompiler:
            return DistributionCompiler(query, days, currencies=_stands_for(currency))

        ((people, total, median, p90, p95),) = await self._asker.rows(tenant_id, compiler().summary())
        edges = query.edges or usual_edges(query.of, Decimal(p95))
        found = {
            int(place): int(count)
            for place, count in await self._asker.rows(tenant_id, compiler().buckets(edges))
        }
        return DistributionAnswer(
            **head(days, started),
            currency=None if currency is None else currency.code,
            other_currencies=() if currency is None else currency.others,
            people=people,
            mean=_text((Decimal(total) / people).quantize(_MEAN_STEP)) if people else None,
            median=_text(median) if people else None,
            p90=_text(p90) if people else None,
            edges=tuple(_text(edge) for edge in edges),
            buckets=tuple(_buckets(edges, found)),
        )

    async def distribution_people(
        self, tenant_id: TenantId, command: DistributionPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who is in a bucket; errors as ``distribution``."""
        query = command.query
        check_askable(query)
        check_distribution(query)
        edges = query.edges or usual_edges(query.of, Decimal(0))
        if command.bucket > len(edges):
            raise InvalidAnalysis(
                f"there are {len(edges)} borders, so no bucket {command.bucket}",
                message_zh=f"只有 {len(edges)} 个边界，没有第 {command.bucket} 个区间",
            )
        days, home = await self._asker.days(tenant_id, query)
        currency = await self._currency(tenant_id, query, home)
        compiler = DistributionCompiler(query, days, currencies=_stands_for(currency))
        begins, ends = _borders(edges, command.bucket)
        return await self._asker.people(
            tenant_id,
            compiler.people(edges, command.bucket),
            days,
            distribution_definition(query, days.span, begins=begins, ends=ends),
            cursor=cursor,
            limit=limit,
        )

    async def paths(self, tenant_id: TenantId, query: Paths) -> PathsAnswer:
        """Count how many people go from where to where; errors as ``distribution``."""
        started = time.perf_counter()
        check_askable(query)
        check_paths(query)
        days, _ = await self._asker.days(tenant_id, query)
        tops = await self._tops(tenant_id, query, days)
        rows = await self._asker.rows(tenant_id, PathsCompiler(query, days, tops=tops).figures())
        flows = sorted((_flow(*row) for row in rows), key=_in_order)
        return PathsAnswer(
            **head(days, started),
            people=sum(flow.people for flow in flows if flow.step == 0),
            flows=tuple(flows),
        )

    async def paths_people(
        self, tenant_id: TenantId, command: PathsPeople, *, cursor: str | None, limit: int | None
    ) -> FigurePeople:
        """Return who was at a point, or went from it to another; errors as ``distribution``."""
        query = command.query
        check_askable(query)
        check_paths(query)
        days, _ = await self._asker.days(tenant_id, query)
        tops = await self._tops(tenant_id, query, days)
        asked = PathsCompiler(query, days, tops=tops).people(
            step=command.step, at=command.at, following=command.next
        )
        return await self._asker.people(tenant_id, asked, days, None, cursor=cursor, limit=limit)

    async def _tops(self, tenant_id: TenantId, query: Paths, days: Days) -> list[list[str]]:
        rows = await self._asker.rows(tenant_id, PathsCompiler(query, days).top_names())
        return tops_of([(int(step), str(name)) for step, name in rows], query.steps)

    async def _currency(self, tenant_id: TenantId, query: DistributionQuestion, home: str) -> Currency | None:
        if query.field != REVENUE:
            return None
        gate = self._asker.warehouse.for_tenant(tenant_id)
        return await choose_currency(gate, brand_currency=home, wanted=query.currency or "")


def _flow(step: int, point: str, following: str, people: int) -> PathFlow:
    at = point_of(point)
    assert at is not None  # Only what follows may be nothing.
    return PathFlow(step=step, at=at, next=point_of(following), people=people)


def _in_order(flow: PathFlow) -> tuple[object, ...]:
    """By step, those of most people first; names before all others before the end."""
    points = (flow.at, *([flow.next] if flow.next else []))
    return (flow.step, -flow.people, *((_KINDS.index(point.kind), point.name) for point in points))


def _stands_for(currency: Currency | None) -> tuple[str, ...]:
    return () if currency is None else currency.stands_for


def _borders(edges: Sequence[Decimal], bucket: int) -> tuple[Decimal | None, Decimal | None]:
    begins = edges[bucket - 1] if bucket else None
    return begins, edges[bucket] if bucket < len(edges) else None


def _buckets(edges: Sequence[Decimal], found: dict[int, int]) -> list[DistributionBucket]:
    shown = []
    for bucket in range(len(edges) + 1):
        if bucket == 0 and not found.get(0):
            continue  # Nobody lies below the first border, as nobody can where things are counted.
        begins, ends = _borders(edges, bucket)
        shown.append(
            DistributionBucket(
                begins=None if begins is None else _text(begins),
                ends=None if ends is None else _text(ends),
                people=found.get(bucket, 0),
            )
        )
    return shown


def _text(number: Decimal | int) -> str:
    """Write a number plainly: no decimals that say nothing."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
