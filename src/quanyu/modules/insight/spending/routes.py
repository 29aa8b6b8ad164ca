"""The door of spending."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.spending.contracts import SpendingCard, SpendingSettings
from quanyu.modules.insight.studies.desk import StudyDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: StudyDesk[SpendingCard, SpendingSettings]) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_spending(uow: RequestUow, settings: SpendingSettings) -> SpendingSettings:
        """Say how far back to look and where groups end; the next computation goes by it."""
        return await desk.save_settings(uow, settings)

    return routes
