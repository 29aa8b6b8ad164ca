"""The door of rhythm."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.rhythm.contracts import RhythmSettings
from quanyu.modules.insight.rhythm.study import RhythmDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: RhythmDesk) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_rhythm(uow: RequestUow, settings: RhythmSettings) -> RhythmSettings:
        """Say how far back to look, and from how many visits on somebody is themselves."""
        return await desk.save_settings(uow, settings)

    return routes
