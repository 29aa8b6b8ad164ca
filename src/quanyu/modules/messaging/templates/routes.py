"""HTTP routes of message templates."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.kernel.permissions import Permission
from quanyu.modules.messaging.templates.contracts import (
    PREFIX,
    AskMissing,
    AskPreview,
    LackingPeople,
    MessageTemplateView,
    MissingReport,
    SaveMessageTemplate,
    SendTest,
    SentTests,
    TemplatePreview,
    TemplateVersionView,
)
from quanyu.modules.messaging.templates.service import MessageTemplates

_Limit = Annotated[int | None, Query(ge=1, le=200)]


class MessageTemplatePage(BaseModel):
    """Some templates, newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[MessageTemplateView, ...]
    next_cursor: str | None


class TemplateVersions(BaseModel):
    """What a template said, newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[TemplateVersionView, ...]


def router(templates: MessageTemplates) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/message-templates", tags=["messages"], dependencies=[permits.MESSAGES])

    @routes.get("")
    async def list_templates(
        uow: RequestUow, cursor: str | None = None, limit: _Limit = None
    ) -> MessageTemplatePage:
        """List the brand's message templates, newest first."""
        page = await templates.list_page(uow, cursor=cursor, limit=limit)
        return MessageTemplatePage(items=page.items, next_cursor=page.next_cursor)

    @routes.post("", status_code=201)
    async def create(
        saved: SaveMessageTemplate, uow: RequestUow, caller: CurrentCaller
    ) -> MessageTemplateView:
        """Keep a new template."""
        return await templates.create(uow, saved, actor=caller.name)

    @routes.post("/preview")
    @permits.needs(Permission.MESSAGES_SEND)
    async def preview(ask: AskPreview, uow: RequestUow) -> TemplatePreview:
        """Return what variants, saved or not, would say to somebody; nothing is sent.

        It shows what is known of them, as sending would: for those who may send, and noted.
        """
        return await templates.preview(uow, ask)

    @routes.post("/missing")
    @permits.reads
    async def missing(ask: AskMissing, uow: RequestUow) -> MissingReport:
        """Count who of a segment lacks which value that variants say."""
        return await templates.missing(uow, ask)

    @routes.get("/missing/people")
    @permits.needs(Permission.PEOPLE_READ)
    async def missing_people(
        uow: RequestUow,
        segment: Annotated[str, Query(max_length=40)],
        attribute: Annotated[str, Query(min_length=1, max_length=200)],
        cursor: str | None = None,
        limit: _Limit = None,
    ) -> LackingPeople:
        """Return who of a segment lacks an attribute."""
        return await templates.missing_people(uow, segment, attribute, cursor=cursor, limit=limit)

    @routes.post("/test")
    async def send_test(command: SendTest, uow: RequestUow) -> SentTests:
        """Send a variant to some colleagues: past caps and quiet hours, marked, counted nowhere."""
        return await templates.send_test(uow, command)

    @routes.get("/{template}")
    async def get(template: str, uow: RequestUow) -> MessageTemplateView:
        """Return a template as it is now."""
        return await templates.get(uow, decode_id(PREFIX, template))

    @routes.put("/{template}")
    async def save(
        template: str, saved: SaveMessageTemplate, uow: RequestUow, caller: CurrentCaller
    ) -> MessageTemplateView:
        """Change a template; other words are a new version."""
        return await templates.save(uow, decode_id(PREFIX, template), saved, actor=caller.name)

    @routes.delete("/{template}", status_code=204)
    async def delete(template: str, uow: RequestUow) -> None:
        """Delete a template; what was begun from it stays."""
        await templates.delete(uow, decode_id(PREFIX, template))

    @routes.get("/{template}/versions")
    async def versions(template: str, uow: RequestUow) -> TemplateVersions:
        """Return what a template said, newest first."""
        return TemplateVersions(items=await templates.versions(uow, decode_id(PREFIX, template)))

    return routes
