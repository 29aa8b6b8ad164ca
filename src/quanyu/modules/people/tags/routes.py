"""The door of tags: groups and tags, who carries what, changes of one or many people."""

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.tags.contracts import (
    ArrangeTags,
    CarriedTags,
    ChangeTagsOfPeople,
    EditTag,
    NewTag,
    Origin,
    PersonTagBook,
    SaveTagGroup,
    StartTagJob,
    TagJobPreview,
    TagJobs,
    TagsChanged,
)
from quanyu.modules.people.tags.rules import Cause
from quanyu.modules.people.tags.service import Members, PersonTags


class Made(BaseModel):
    """The id of what was made."""

    id: str


_Group = Annotated[str | None, Query(max_length=40, description="The group whose tags these are.")]


def router(tags: PersonTags, members: Members) -> APIRouter:
    """Build the routes; ``members`` tells whom a segment names."""
    routes = APIRouter(prefix="/api/v1", tags=["person tags"], dependencies=[permits.PEOPLE])
    _book(routes, tags)
    _tags(routes, tags)
    _people(routes, tags)
    _jobs(routes, tags, members)
    return routes


def _book(routes: APIRouter, tags: PersonTags) -> None:
    @routes.get("/person-tags")
    async def list_person_tags(uow: RequestUow) -> PersonTagBook:
        """List all groups with their tags, and how many people carry each."""
        return await tags.book(uow)

    @routes.put("/person-tags/order", status_code=status.HTTP_204_NO_CONTENT)
    async def arrange_person_tags(uow: RequestUow, command: ArrangeTags, group: _Group = None) -> None:
        """Put groups, or the tags of one group, in order."""
        await tags.arrange(uow, command, group=group)

    @routes.post("/person-tags/groups", status_code=status.HTTP_201_CREATED)
    async def create_person_tag_group(uow: RequestUow, command: SaveTagGroup) -> Made:
        """Add a group of tags."""
        return Made(id=await tags.add_group(uow, command))

    @routes.put("/person-tags/groups/{group}", status_code=status.HTTP_204_NO_CONTENT)
    async def update_person_tag_group(uow: RequestUow, group: str, command: SaveTagGroup) -> None:
        """Replace a group's name, colour and kind."""
        await tags.save_group(uow, group, command)

    @routes.delete("/person-tags/groups/{group}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_person_tag_group(uow: RequestUow, group: str) -> None:
        """Delete an empty group."""
        await tags.drop_group(uow, group)


def _tags(routes: APIRouter, tags: PersonTags) -> None:
    @routes.post("/person-tags", status_code=status.HTTP_201_CREATED)
    async def create_person_tag(uow: RequestUow, caller: CurrentCaller, command: NewTag) -> Made:
        """Add a tag to a group."""
        return Made(id=await tags.add_tag(uow, command, actor=caller.name))

    @routes.put("/person-tags/{tag}", status_code=status.HTTP_204_NO_CONTENT)
    async def update_person_tag(uow: RequestUow, tag: str, command: EditTag) -> None:
        """Replace a tag's words and how long it lasts."""
        await tags.save_tag(uow, tag, command)


def _people(routes: APIRouter, tags: PersonTags) -> None:
    @routes.get("/people/{person}/person-tags")
    async def list_tags_of_person(uow: RequestUow, person: str) -> CarriedTags:
        """List what one person carries, and who says so."""
        number = decode_id("per", person)
        found = await tags.giving.carried(uow, [PersonId(number)]) if number < 2**31 else {}
        if PersonId(number) not in found:
            raise PersonNotFound(
                f"there is no person {person[:20]}", message_zh=f"没有这个客户：{person[:20]}"
            )
        return CarriedTags(items=tuple(found[PersonId(number)]))

    @routes.post("/person-tags/change")
    async def change_person_tags(
        uow: RequestUow, caller: CurrentCaller, command: ChangeTagsOfPeople
    ) -> TagsChanged:
        """Give tags to people, take them, or let their rules decide again; at once."""
        named = [decode_id("per", one) for one in command.people]
        people = [PersonId(one) for one in named if one < 2**31]
        cause = Cause(origin=Origin.MANUAL, actor=caller.name)
        changed = await tags.giving.change(uow, people, command, cause=cause)
        return changed.model_copy(update={"unknown": changed.unknown + len(named) - len(people)})


def _jobs(routes: APIRouter, tags: PersonTags, members: Members) -> None:
    @routes.get("/person-tags/jobs")
    async def list_person_tag_jobs(uow: RequestUow) -> TagJobs:
        """List the latest changes of many people."""
        return TagJobs(items=await tags.jobs(uow))

    @routes.post("/person-tags/jobs/preview")
    @permits.reads
    async def preview_person_tag_job(uow: RequestUow, command: StartTagJob) -> TagJobPreview:
        """Count whom a change of many people would be about; nothing is changed."""
        return await tags.preview_job(uow, command, members)

    @routes.post("/person-tags/jobs", status_code=status.HTTP_202_ACCEPTED)
    async def start_person_tag_job(uow: RequestUow, caller: CurrentCaller, command: StartTagJob) -> Made:
        """Change the tags of many people in the background."""
        return Made(id=await tags.start_job(uow, command, members, actor=caller.name))
