"""The door of engagement."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.engagement.contracts import EngagementCard, EngagementSettings
from quanyu.modules.insight.studies.desk import StudyDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: StudyDesk[EngagementCard, EngagementSettings]) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_engagement(uow: RequestUow, settings: EngagementSettings) -> EngagementSettings:
        """Say what events are worth and where levels begin; the next computation goes by it."""
        return await desk.save_settings(uow, settings)

    return routes
