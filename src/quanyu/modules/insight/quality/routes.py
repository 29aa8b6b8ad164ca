"""The door of data quality."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.quality.contracts import QualitySettings
from quanyu.modules.insight.quality.study import QualityDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: QualityDesk) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_quality(uow: RequestUow, settings: QualitySettings) -> QualitySettings:
        """Say what is expected of attributes; the next judgement goes by it."""
        return await desk.save_settings(uow, settings)

    return routes
