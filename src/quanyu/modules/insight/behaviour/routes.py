"""The door of behaviour analyses. Questions are bodies: they are too large for an address."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.kernel.permissions import Permission
from quanyu.modules.insight.behaviour.contracts import (
    DistributionAnswer,
    FigurePeople,
    FunnelAnswer,
    PathsAnswer,
    RetentionAnswer,
    TrendAnswer,
)
from quanyu.modules.insight.behaviour.language import (
    DistributionPeople,
    DistributionQuestion,
    Funnel,
    FunnelPeople,
    Paths,
    PathsPeople,
    Retention,
    RetentionPeople,
    Trend,
    TrendPeople,
)
from quanyu.modules.insight.behaviour.patterns import Patterns
from quanyu.modules.insight.behaviour.presets import PRESETS, FunnelPresets
from quanyu.modules.insight.behaviour.service import Behaviour

_Cursor = Annotated[str | None, Query(max_length=200)]
_Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


def router(behaviour: Behaviour, patterns: Patterns) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/behaviour", tags=["insight"], dependencies=[permits.INSIGHT])

    @routes.get("/funnel/presets")
    async def list_funnel_presets() -> FunnelPresets:
        """List funnels to begin with."""
        return FunnelPresets(items=PRESETS)

    @routes.post("/funnel")
    @permits.reads
    async def ask_funnel(caller: CurrentCaller, query: Funnel) -> FunnelAnswer:
        """Count how many people come from step to step."""
        return await behaviour.funnel(caller.tenant_id, query)

    @routes.post("/funnel/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def list_funnel_people(
        caller: CurrentCaller, command: FunnelPeople, cursor: _Cursor = None, limit: _Limit = 50
    ) -> FigurePeople:
        """List who reached a step, or got no further."""
        return await behaviour.funnel_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    @routes.post("/retention")
    @permits.reads
    async def ask_retention(caller: CurrentCaller, query: Retention) -> RetentionAnswer:
        """Count who came back in which period after a first event."""
        return await behaviour.retention(caller.tenant_id, query)

    @routes.post("/retention/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def list_retention_people(
        caller: CurrentCaller, command: RetentionPeople, cursor: _Cursor = None, limit: _Limit = 50
    ) -> FigurePeople:
        """List a cohort's people: all, retained in a period, or not."""
        return await behaviour.retention_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    @routes.post("/trend")
    @permits.reads
    async def ask_trend(caller: CurrentCaller, query: Trend) -> TrendAnswer:
        """Count events or people, or add up a field, by day, week or month."""
        return await behaviour.trend(caller.tenant_id, query)

    @routes.post("/trend/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def list_trend_people(
        caller: CurrentCaller, command: TrendPeople, cursor: _Cursor = None, limit: _Limit = 50
    ) -> FigurePeople:
        """List who is behind one bucket, or behind the whole period."""
        return await behaviour.trend_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    @routes.post("/distribution")
    @permits.reads
    async def ask_distribution(caller: CurrentCaller, query: DistributionQuestion) -> DistributionAnswer:
        """Count people by how often, on how many days, or for how much."""
        return await patterns.distribution(caller.tenant_id, query)

    @routes.post("/distribution/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def list_distribution_people(
        caller: CurrentCaller, command: DistributionPeople, cursor: _Cursor = None, limit: _Limit = 50
    ) -> FigurePeople:
        """List who is in a bucket."""
        return await patterns.distribution_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    @routes.post("/paths")
    @permits.reads
    async def ask_paths(caller: CurrentCaller, query: Paths) -> PathsAnswer:
        """Count how many people go from where to where, after an event or before it."""
        return await patterns.paths(caller.tenant_id, query)

    @routes.post("/paths/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def list_paths_people(
        caller: CurrentCaller, command: PathsPeople, cursor: _Cursor = None, limit: _Limit = 50
    ) -> FigurePeople:
        """List who was at a point of paths, or went from it to another."""
        return await patterns.paths_people(caller.tenant_id, command, cursor=cursor, limit=limit)

    return routes
