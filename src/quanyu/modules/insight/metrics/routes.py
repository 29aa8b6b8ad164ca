"""The door of metrics."""

from fastapi import APIRouter, Response, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.insight.metrics.contracts import (
    AskMetric,
    ChangeMetric,
    MetricAnswer,
    MetricDetail,
    MetricDraft,
    MetricList,
    TryMetric,
)
from quanyu.modules.insight.metrics.service import Metrics


def router(metrics: Metrics) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/metrics", tags=["insight"], dependencies=[permits.INSIGHT])

    @routes.get("")
    async def list_metrics(uow: RequestUow) -> MetricList:
        """List the platform's metrics and the brand's own."""
        return MetricList(items=await metrics.list_all(uow))

    @routes.post("", status_code=status.HTTP_201_CREATED)
    async def add_metric(caller: CurrentCaller, uow: RequestUow, draft: MetricDraft) -> MetricDetail:
        """Define a metric."""
        return await metrics.add(uow, draft, by=caller.name)

    @routes.post("/ask")
    @permits.reads
    async def ask_metric(caller: CurrentCaller, query: AskMetric) -> MetricAnswer:
        """Return a metric's figures by day, week or month, and of the period before."""
        return await metrics.ask(caller.tenant_id, query)

    @routes.post("/try")
    @permits.reads
    async def try_metric(caller: CurrentCaller, query: TryMetric) -> MetricAnswer:
        """Return the figures of a formula without keeping it."""
        return await metrics.try_out(caller.tenant_id, query)

    @routes.get("/{metric}")
    async def get_metric(uow: RequestUow, metric: str) -> MetricDetail:
        """Return a metric with every version it had."""
        return await metrics.get(uow, metric)

    @routes.put("/{metric}")
    async def change_metric(
        caller: CurrentCaller, uow: RequestUow, metric: str, command: ChangeMetric
    ) -> MetricDetail:
        """Give a metric its next version."""
        return await metrics.change(uow, metric, command, by=caller.name)

    @routes.delete("/{metric}", status_code=status.HTTP_204_NO_CONTENT)
    async def archive_metric(uow: RequestUow, metric: str) -> Response:
        """Offer a metric no longer; what reads it goes on."""
        await metrics.archive(uow, metric)
        return Response(status_code=status.HTTP_204_NO_CONTENT)

    return routes
