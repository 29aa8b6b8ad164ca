"""HTTP routes of short links; the addresses themselves are served by ``app.short_links``."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.links.contracts import PREFIX, LinkStatistics, LinkView, SaveLink
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.tenants.service import Tenants


class LinkPage(BaseModel):
    """Some links, newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[LinkView, ...]
    next_cursor: str | None


def router(links: ShortLinks, tenants: Tenants) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1/links", tags=["links"], dependencies=[permits.MESSAGES])

    @routes.get("")
    async def list_links(
        uow: RequestUow,
        campaign: Annotated[str, Query(pattern="^((jrn|bct)_[0-9a-z]{1,30})?$")] = "",
        cursor: str | None = None,
        limit: Annotated[int | None, Query(ge=1, le=200)] = None,
    ) -> LinkPage:
        """List links, newest first, each with its clicks of 30 days; of a journey or broadcast if named."""
        page = await links.list_links(uow, campaign=campaign, cursor=cursor, limit=limit)
        return LinkPage(items=page.items, next_cursor=page.next_cursor)

    @routes.post("", status_code=201)
    async def create(link: SaveLink, uow: RequestUow) -> LinkView:
        """Make a link everybody opens by the same address."""
        return await links.create(uow, link)

    @routes.get("/{link}")
    async def get(link: str, uow: RequestUow) -> LinkView:
        """Return a link."""
        return await links.get(uow, decode_id(PREFIX, link))

    @routes.put("/{link}")
    async def change(link: str, saved: SaveLink, uow: RequestUow) -> LinkView:
        """Let a link lead elsewhere; its address stays."""
        return await links.change(uow, decode_id(PREFIX, link), saved)

    @routes.get("/{link}/statistics")
    async def statistics(
        link: str, uow: RequestUow, days: Annotated[int, Query(ge=1, le=365)] = 30
    ) -> LinkStatistics:
        """Return clicks, people and fetches that do not count, by day."""
        brand = await tenants.get_brand(uow)
        return await links.statistics(uow, decode_id(PREFIX, link), days=days, zone=brand.time_zone)

    return routes
