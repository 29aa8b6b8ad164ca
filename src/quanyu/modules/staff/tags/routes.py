"""HTTP: corp tags, who carries them, conflicts and failures."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.channels.wecom.corps import read_corp_id
from quanyu.modules.staff.tags.contracts import (
    Arrange,
    CorpTagFailures,
    CorpTagging,
    CorpTaggingTaken,
    CorpTagGroup,
    CorpTags,
    NewTags,
    OfCorp,
    PersonCorpTags,
    Rename,
    SetPolicy,
    TagConflictPage,
)
from quanyu.modules.staff.tags.service import CorpTagDesk

Limit = Annotated[int, Query(ge=1, le=200)]


def router(desk: CorpTagDesk) -> APIRouter:
    """Return the routes under ``/api/v1/corp-tags``; ``corp`` is a company's id (``wcp_…``)."""
    routes = APIRouter(prefix="/api/v1/corp-tags", tags=["corp tags"], dependencies=[permits.WECOM])
    _list(routes, desk)
    _marks(routes, desk)
    return routes


def _list(routes: APIRouter, desk: CorpTagDesk) -> None:
    @routes.get("")
    async def list_corp_tags(uow: RequestUow, corp: str) -> CorpTags:
        """The company's groups and tags as we know them, and how conflicts are decided."""
        return await desk.list_tags(uow, read_corp_id(corp))

    @routes.post("", status_code=201)
    async def create_corp_tags(caller: CurrentCaller, command: NewTags) -> CorpTagGroup:
        """Create tags on the platform, in a group that exists or in a new one."""
        return await desk.create(caller.tenant_id, read_corp_id(command.corp), command)

    @routes.put("/order", status_code=204)
    async def arrange_corp_tags(caller: CurrentCaller, command: Arrange) -> None:
        """Put tags of one group, or groups, in order."""
        await desk.arrange(caller.tenant_id, read_corp_id(command.corp), command)

    @routes.put("/policy", status_code=204)
    async def set_corp_tag_policy(uow: RequestUow, command: SetPolicy) -> None:
        """Set whose word counts in conflicts from now on."""
        await desk.set_policy(uow, read_corp_id(command.corp), command.policy)

    @routes.post("/sync", status_code=202)
    async def sync_corp_tags(uow: RequestUow, command: OfCorp) -> None:
        """Read the platform's list of tags now; who carries them comes with the sync of customers."""
        await desk.sync(uow, read_corp_id(command.corp))

    @routes.put("/items/{item_id}", status_code=204)
    async def rename_corp_tag(caller: CurrentCaller, item_id: str, command: Rename) -> None:
        """Rename a tag or a group that our app made."""
        await desk.rename(caller.tenant_id, read_corp_id(command.corp), item_id, command.name)

    @routes.delete("/items/{item_id}", status_code=204)
    async def delete_corp_tag(caller: CurrentCaller, item_id: str, corp: str) -> None:
        """Delete a tag or a group that our app made, and take it from everybody."""
        await desk.delete(caller.tenant_id, read_corp_id(corp), item_id)


def _marks(routes: APIRouter, desk: CorpTagDesk) -> None:
    @routes.post("/people", status_code=202)
    async def tag_customers(uow: RequestUow, command: CorpTagging) -> CorpTaggingTaken:
        """Give tags to customers or take them away, on the platform within seconds."""
        return await desk.change_people(uow, read_corp_id(command.corp), command)

    @routes.get("/people/{person_id}")
    async def corp_tags_of_person(uow: RequestUow, person_id: str) -> PersonCorpTags:
        """The tags a person carries, by the member who has them as a customer."""
        return PersonCorpTags(items=await desk.tags_of(uow, PersonId(decode_id("per", person_id))))

    @routes.get("/conflicts")
    async def corp_tag_conflicts(
        uow: RequestUow, corp: str, cursor: str | None = None, limit: Limit = 50
    ) -> TagConflictPage:
        """Where the platform's side undid what we had decided, newest first."""
        return await desk.conflicts(uow, read_corp_id(corp), cursor=cursor, limit=limit)

    @routes.get("/failures")
    async def corp_tag_failures(uow: RequestUow, corp: str) -> CorpTagFailures:
        """The latest changes the platform refused, and why."""
        return CorpTagFailures(items=await desk.failures(uow, read_corp_id(corp)))
