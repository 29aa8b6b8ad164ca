"""The door of links between tags of people and tags of accounts."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from quanyu.flows.tag_mirroring.contracts import (
    GroupLinked,
    LinkGroup,
    LinkReport,
    LinkTag,
    Reconciling,
    TagLinks,
    TagPlatform,
)
from quanyu.flows.tag_mirroring.links import LinkDesk, platform_of
from quanyu.flows.tag_mirroring.standing import LinkStanding
from quanyu.infra import permits
from quanyu.infra.web import Caller, CurrentCaller, RequestUow
from quanyu.kernel.permissions import Permission


class LinkMade(BaseModel):
    """The id of a new link."""

    id: str


def router(desk: LinkDesk, standing: LinkStanding) -> APIRouter:
    """Build the routes. Who links also needs to be allowed to change what is done in the account."""
    routes = APIRouter(prefix="/api/v1/tag-links", tags=["person tags"], dependencies=[permits.PEOPLE])

    @routes.get("")
    async def list_tag_links(uow: RequestUow) -> TagLinks:
        """List all links and how they stand."""
        return TagLinks(items=await standing.list_links(uow))

    @routes.post("", status_code=status.HTTP_201_CREATED)
    async def link_tag(caller: CurrentCaller, command: LinkTag) -> LinkMade:
        """Link a tag with one of an official account or a company, made there if need be."""
        _check(caller, command.account)
        return LinkMade(id=await desk.link(caller.tenant_id, command, actor=caller.name))

    @routes.post("/groups")
    async def link_tag_group(caller: CurrentCaller, command: LinkGroup) -> GroupLinked:
        """Link all tags of a group with tags of their names, made there if need be."""
        _check(caller, command.account)
        return await desk.link_group(caller.tenant_id, command, actor=caller.name)

    @routes.delete("/{link}", status_code=status.HTTP_204_NO_CONTENT)
    async def unlink_tag(uow: RequestUow, link: str) -> None:
        """End a link; tags stay where they are, on both sides."""
        await desk.unlink(uow, link)

    @routes.get("/{link}/report")
    async def report_tag_link(caller: CurrentCaller, link: str) -> LinkReport:
        """Compare both sides without changing anything: what differs, what would change."""
        return await standing.report(caller.tenant_id, link)

    @routes.post("/{link}/reconcile", status_code=status.HTTP_202_ACCEPTED)
    async def reconcile_tag_link(uow: RequestUow, link: str) -> Reconciling:
        """Compare everybody in the background and make both sides the same; try refused changes again."""
        return await standing.reconcile(uow, link)

    return routes


def _check(caller: Caller, account: str) -> None:
    is_wecom = platform_of(account) is TagPlatform.WECOM
    needed = Permission.WECOM_WRITE if is_wecom else Permission.CHANNELS_WRITE
    if not caller.may(needed):
        raise permits.missing(needed)
