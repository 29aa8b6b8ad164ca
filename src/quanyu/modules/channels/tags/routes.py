"""HTTP: tags of an account, and who carries them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.tags.contracts import (
    AccountTag,
    AccountTags,
    PersonTags,
    TagFailures,
    TaggedPeople,
    Tagging,
    TaggingTaken,
    TagId,
    TagName,
)
from quanyu.modules.channels.tags.service import TagDesk


def router(channels: Channels, tags: TagDesk) -> APIRouter:
    """Return the routes under ``/api/v1/channels`` that are about tags."""
    routes = APIRouter(prefix="/api/v1/channels", tags=["account tags"], dependencies=[permits.CHANNELS])
    base = "/official-accounts/{account_id}/tags"

    @routes.get(base)
    async def list_tags(uow: RequestUow, account_id: str) -> AccountTags:
        """The account's tags as we know them; a sync brings what was changed on the platform."""
        await channels.get_account(uow, read_account_id(account_id))
        return AccountTags(items=await tags.list_tags(uow, read_account_id(account_id)))

    @routes.post(base, status_code=201)
    async def create_tag(caller: CurrentCaller, account_id: str, name: TagName) -> AccountTag:
        """Create a tag on the platform."""
        return await tags.create(caller.tenant_id, read_account_id(account_id), name.name)

    @routes.put(base + "/{tag_id}", status_code=204)
    async def rename_tag(caller: CurrentCaller, account_id: str, tag_id: int, name: TagName) -> Response:
        """Rename a tag on the platform."""
        await tags.rename(caller.tenant_id, read_account_id(account_id), TagId(tag_id), name.name)
        return Response(status_code=204)

    @routes.delete(base + "/{tag_id}", status_code=204)
    async def delete_tag(caller: CurrentCaller, account_id: str, tag_id: int) -> Response:
        """Delete a tag on the platform, and take it from everybody."""
        await tags.delete(caller.tenant_id, read_account_id(account_id), TagId(tag_id))
        return Response(status_code=204)

    @routes.get(base + "/{tag_id}/people")
    async def list_people(
        uow: RequestUow,
        account_id: str,
        tag_id: int,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> TaggedPeople:
        """Who carries the tag, page by page."""
        return await tags.people_with(
            uow, read_account_id(account_id), TagId(tag_id), cursor=cursor, limit=limit
        )

    @routes.post(base + "/{tag_id}/people", status_code=202)
    async def tag_people(uow: RequestUow, account_id: str, tag_id: int, tagging: Tagging) -> TaggingTaken:
        """Give the tag to people; it goes to the platform within seconds."""
        return await tags.change_people(uow, read_account_id(account_id), TagId(tag_id), tagging, wanted=True)

    @routes.post(base + "/{tag_id}/people/remove", status_code=202)
    async def untag_people(uow: RequestUow, account_id: str, tag_id: int, tagging: Tagging) -> TaggingTaken:
        """Take the tag from people; it goes to the platform within seconds."""
        return await tags.change_people(
            uow, read_account_id(account_id), TagId(tag_id), tagging, wanted=False
        )

    @routes.get("/official-accounts/{account_id}/tag-failures")
    async def list_failures(uow: RequestUow, account_id: str) -> TagFailures:
        """The latest changes the platform refused, and why."""
        return TagFailures(items=await tags.failures(uow, read_account_id(account_id)))

    @routes.get("/people/{person_id}/tags")
    async def tags_of_person(uow: RequestUow, person_id: str) -> PersonTags:
        """The account tags a person carries."""
        return PersonTags(items=await tags.tags_of(uow, PersonId(decode_id("per", person_id))))

    return routes
