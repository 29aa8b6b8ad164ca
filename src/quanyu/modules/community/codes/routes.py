"""HTTP: group codes, their pictures, what they would show and what they brought."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.channels.codes.contracts import ImageFormat
from quanyu.modules.channels.codes.service import draw
from quanyu.modules.community.codes.contracts import (
    ChangeState,
    GroupCode,
    GroupCodeDraft,
    GroupCodes,
    GroupCodeStatistics,
    LandingPreview,
    NewGroupCode,
)
from quanyu.modules.community.codes.landing import LandingDesk
from quanyu.modules.community.codes.rules import Visitor
from quanyu.modules.community.codes.service import GroupCodeDesk, read_code_id
from quanyu.modules.community.codes.visits import VisitQueries

_Text = Annotated[str, Query(max_length=64)]


def router(desk: GroupCodeDesk, landing: LandingDesk) -> APIRouter:
    """Return the routes under ``/api/v1/group-codes``."""
    routes = APIRouter(prefix="/api/v1/group-codes", tags=["group codes"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_codes(uow: RequestUow) -> GroupCodes:
        """The brand's codes, those in use first, and how much of the quota of ways they take."""
        return await desk.list_codes(uow)

    @routes.post("", status_code=201)
    async def create_code(uow: RequestUow, command: NewGroupCode) -> GroupCode:
        """Make a code. Its address works at once; ways are asked of the platform right after."""
        return await desk.create(uow, command)

    @routes.get("/{code_id}")
    async def get_code(uow: RequestUow, code_id: str) -> GroupCode:
        """One code."""
        return await desk.get(uow, read_code_id(code_id))

    @routes.put("/{code_id}")
    async def change_code(uow: RequestUow, code_id: str, draft: GroupCodeDraft) -> GroupCode:
        """Replace what a code leads to and does; the printed picture stays."""
        return await desk.change(uow, read_code_id(code_id), draft)

    @routes.put("/{code_id}/state")
    async def set_state(uow: RequestUow, code_id: str, command: ChangeState) -> GroupCode:
        """Pause a code, take it up again, or end it; its page then leads to the standby."""
        return await desk.set_state(uow, read_code_id(code_id), command.state)

    @routes.get("/{code_id}/image", response_class=Response)
    async def image_of_code(
        uow: RequestUow,
        code_id: str,
        image_format: Annotated[ImageFormat, Query(alias="format")] = "png",
        scale: Annotated[int, Query(ge=1, le=40)] = 12,
        store: _Text = "",
        s: _Text = "",
    ) -> Response:
        """The picture to print; ``store`` and ``s`` (source) tell copies of it apart."""
        code = await desk.get(uow, read_code_id(code_id))
        marks = [f"{word}={value}" for word, value in (("store", store), ("s", s)) if value]
        url = code.url + ("?" + "&".join(marks) if marks else "")
        picture, media_type = draw(url, image_format, scale=scale)
        name = f'inline; filename="{code.id}.{image_format}"'
        return Response(picture, media_type=media_type, headers={"Content-Disposition": name})

    @routes.get("/{code_id}/preview")
    async def preview_code(
        uow: RequestUow,
        code_id: str,
        store: _Text = "",
        s: _Text = "",
        lang: _Text = "",
        segment: _Text = "",
        person: _Text = "",
    ) -> LandingPreview:
        """Where a visitor like this would be led now; nothing is counted."""
        code = await desk.kept(uow, read_code_id(code_id))
        known = PersonId(decode_id("per", person)) if person else None
        visitor = Visitor(
            store=store,
            source=s,
            language=lang,
            segments=frozenset({segment} if segment else ()),
            group_ids=frozenset() if known is None else await VisitQueries(uow).groups_of(known),
        )
        return await landing.preview(uow, code, visitor, desk.page_url(code.token))

    @routes.get("/{code_id}/statistics")
    async def statistics_of_code(
        uow: RequestUow,
        code_id: str,
        start: Annotated[date | None, Query(alias="from")] = None,
        end: Annotated[date | None, Query(alias="to")] = None,
    ) -> GroupCodeStatistics:
        """Visits, joins, leaves and who is still inside, by day."""
        return await desk.statistics(uow, read_code_id(code_id), first=start, last=end)

    return routes
