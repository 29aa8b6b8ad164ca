"""The door of clusters."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.clusters.contracts import ClusterSettings
from quanyu.modules.insight.clusters.study import ClusterDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: ClusterDesk) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_clusters(uow: RequestUow, settings: ClusterSettings) -> ClusterSettings:
        """Choose by what people are compared, into how many groups, and name groups by hand."""
        return await desk.save_settings(uow, settings)

    return routes
