"""The door of churn."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.churn.contracts import ChurnSettings
from quanyu.modules.insight.churn.study import ChurnDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: ChurnDesk) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_churn(uow: RequestUow, settings: ChurnSettings) -> ChurnSettings:
        """Say what leaving means, and how far to look ahead."""
        return await desk.save_settings(uow, settings)

    return routes
