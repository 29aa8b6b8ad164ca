"""The door of interests."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.interests.contracts import InterestProposal, InterestSettings
from quanyu.modules.insight.interests.study import InterestDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: InterestDesk) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_interests(uow: RequestUow, settings: InterestSettings) -> InterestSettings:
        """Say where categories stand and what counts how much; the next computation goes by it."""
        return await desk.save_settings(uow, settings)

    @routes.get("/proposals")
    async def interest_proposals(uow: RequestUow) -> tuple[InterestProposal, ...]:
        """List properties of observed events that may tell categories, the most frequent first."""
        return await desk.proposals(uow)

    return routes
