"""The door of content forms."""

from fastapi import APIRouter

from quanyu.infra.web import RequestUow
from quanyu.modules.insight.content_forms.contracts import ContentFormCard, ContentFormSettings
from quanyu.modules.insight.studies.desk import StudyDesk
from quanyu.modules.insight.studies.routes import study_router


def router(desk: StudyDesk[ContentFormCard, ContentFormSettings]) -> APIRouter:
    """Build the routes."""
    routes = study_router(desk)

    @routes.put("/settings")
    async def set_content_forms(uow: RequestUow, settings: ContentFormSettings) -> ContentFormSettings:
        """Say what tells a form and how much is enough; the next computation goes by it."""
        return await desk.save_settings(uow, settings)

    return routes
